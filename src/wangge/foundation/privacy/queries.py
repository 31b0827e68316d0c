"""Reads about identities: who looked, and how long things may be kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from wangge.foundation.privacy.models import ID_INDEX, PHONE_INDEX, Identity, Look, Purpose, RetentionPeriod
from wangge.foundation.privacy.phones import normal_phone
from wangge.foundation.privacy.sealing import possible_indexes


@dataclass(frozen=True)
class WhoLooked:
    """What a person is told of somebody who opened their data: the role, never the name.

    `role_label` is the code of the post as the act carried it and `post_id` the post; a page turns them
    into words ("Housing bureau, department handler"). `about` is the thing the data was opened for.
    """

    post_id: str
    role_label: str
    purpose: str
    about_kind: str
    about_id: str
    at: datetime

    @property
    def purpose_label(self) -> str:
        return str(Purpose(self.purpose).label)


def looks_at(identities: Iterable[Identity]) -> list[WhoLooked]:
    """Everybody else's looks at these identities of one person, newest first."""
    looks = (
        Look.objects.filter(identity__in=list(identities)).exclude(purpose=Purpose.OWN).order_by("-at", "-id")
    )
    columns = ("post_id", "role_label", "purpose", "about_kind", "about_id", "at")
    return [WhoLooked(*row) for row in looks.values_list(*columns)]


def identities_with_phone(phone: str) -> QuerySet[Identity]:
    """Identities kept with this number, however it is typed.

    For finding a person's own requests again and for duplicates on an open case. Nobody searches
    people by phone: no page may offer this on its own.
    """
    normal = normal_phone(phone)
    if not normal:
        return Identity.objects.none()
    return Identity.objects.filter(phone_index__in=possible_indexes(normal, PHONE_INDEX))


def identities_with_id_number(number: str) -> QuerySet[Identity]:
    """The same by identity number, under the same restraint."""
    plain = number.replace(" ", "").upper()
    if not plain:
        return Identity.objects.none()
    return Identity.objects.filter(id_index__in=possible_indexes(plain, ID_INDEX))


def retention(code: str) -> timedelta:
    """How long data of a kind may be kept, e.g. `retention("look")`."""
    return timedelta(days=RetentionPeriod.objects.get(code=code).days)
