"""Keeping an identity, opening it for a purpose, and erasing it when its time is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from wangge.foundation.journal.actions import Entry, append, append_many
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.privacy.identity_numbers import is_valid
from wangge.foundation.privacy.masks import mask_address, mask_id_number, mask_name, mask_phone
from wangge.foundation.privacy.models import Identity, Look, Purpose
from wangge.foundation.privacy.phones import normal_phone
from wangge.foundation.privacy.queries import retention
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.refusals import Refusal

#: Purposes broad enough that the code alone does not say why.
REASON_NEEDED: Final = frozenset(
    {Purpose.SUPERVISION, Purpose.EMERGENCY, Purpose.DATA_RIGHTS, Purpose.LEGAL_DUTY}
)
#: Fields of level L4: always with a reason (domain notes §11).
SENSITIVE: Final = frozenset({"id_number"})
LONGEST: Final = {"name": 60, "phone": 40, "address": 200, "id_number": 20}
REASON_AT_LEAST: Final = 4


class UnableToKeepIdentity(Refusal):
    """Codes: `too_long`, `phone_form`, `id_number_form`; `field` names the one at fault."""


class UnableToReveal(Refusal):
    """Codes: `purpose_missing`, `reason_missing`, `field_unknown`, `confidential`, `erased`."""


def keep_identity(
    *,
    name: str = "",
    phone: str = "",
    address: str = "",
    id_number: str = "",
    confidential: bool = False,
    at: datetime,
) -> Identity | None:
    """Seal what a person gave; None if they gave nothing. One INSERT.

    The journal line is the caller's: "case.registered" names the identity by its id.
    """
    identity = sealed_identity(
        name=name, phone=phone, address=address, id_number=id_number, confidential=confidential, at=at
    )
    if identity is not None:
        identity.save(force_insert=True)
    return identity


def keep_identities(given: Iterable[tuple[str, str]], *, at: datetime) -> list[Identity]:
    """Seal many (name, phone) pairs in one INSERT, for imports; each must give something."""
    sealed = [sealed_identity(name=name, phone=phone, at=at) for name, phone in given]
    identities = [identity for identity in sealed if identity is not None]
    if len(identities) != len(sealed):
        raise UnableToKeepIdentity("nothing_given", _("Give a name or a phone number."), field="name")
    return Identity.objects.bulk_create(identities, batch_size=1000)


def sealed_identity(
    *,
    name: str = "",
    phone: str = "",
    address: str = "",
    id_number: str = "",
    confidential: bool = False,
    at: datetime,
) -> Identity | None:
    """The row as it would be kept: sealed, masked, indexed and not saved, for who saves many at once.

    None if nothing was given.
    """
    given = _given(name, phone, address, id_number)
    if not any(given.values()):
        return None
    _check_form(given)
    identity = Identity(
        **given,
        name_masked=mask_name(given["name"]),
        phone_masked=mask_phone(given["phone"]),
        address_masked=mask_address(given["address"]),
        id_masked=mask_id_number(given["id_number"]),
        confidential=confidential,
        created_at=at,
    )
    identity.reindex()
    return identity


def check_identity(*, name: str = "", phone: str = "", address: str = "", id_number: str = "") -> None:
    """Would this be kept? UnableToKeepIdentity where not; nothing is sealed or written."""
    _check_form(_given(name, phone, address, id_number))


def reveal(
    *,
    identity: Identity,
    fields: Iterable[str],
    by: Actor,
    purpose: str,
    about: Subject,
    at: datetime,
    reason: str = "",
    confidential_cleared: bool = False,
) -> dict[str, str]:
    """Open `fields` for `by`, who works on `about`: the plain values, "" where nothing was given.

    Writes the look and a journal line on `about` in one transaction, so there is no plain value
    without them. Whether `by` may open this identity at all is the calling room's access rule; it also
    decides `confidential_cleared`, without which a whistle-blower's identity stays shut.
    """
    wanted = _wanted(fields)
    reason = _checked_reason(wanted, purpose, reason)
    if identity.confidential and not confidential_cleared:
        raise UnableToReveal(
            "confidential", _("This report is confidential. Only intake and callback may see who made it.")
        )
    _refuse_if_erased(identity)
    salt = new_salt() if reason else ""
    with transaction.atomic(savepoint=False):
        look = _write_look(identity, wanted, by, purpose, about, at, reason=reason, reason_salt=salt)
        facts = {"identity": identity.pk, "look": look.pk, "fields": wanted, "purpose": purpose}
        if reason:
            facts["reason_digest"] = salted_digest(reason, salt)
        append(act="identity.revealed", subject=about, by=by, facts=facts, at=at)
        return {field: getattr(identity, field).unseal() for field in wanted}


def reveal_many(
    *,
    wanted: Sequence[tuple[Identity, Subject]],
    fields: Iterable[str],
    by: Actor,
    purpose: str,
    reason: str,
    at: datetime,
) -> list[dict[str, str]]:
    """Open `fields` of many identities, each for the thing it is about: plain values in the same order.

    As `reveal`, with a look and a journal line for each, and always with a reason. Level L4 leaves by no
    list (domain notes §11): confidential identities and identity numbers are refused, as are erased ones.
    """
    names = _wanted(fields)
    reason = _checked_reason(names, purpose, reason, always=True)
    if SENSITIVE & set(names) or any(identity.confidential for identity, _subject in wanted):
        raise UnableToReveal("confidential", _("Confidential reports and identity numbers leave in no list."))
    for identity, _subject in wanted:
        _refuse_if_erased(identity)
    salt = new_salt()
    digest = salted_digest(reason, salt)
    with transaction.atomic(savepoint=False):
        looks = Look.objects.bulk_create(
            [
                _look(identity, names, by, purpose, about, at, reason=reason, reason_salt=salt)
                for identity, about in wanted
            ],
            batch_size=1000,
        )
        append_many(
            [
                Entry(
                    "identity.revealed",
                    about,
                    {
                        "identity": identity.pk, "look": look.pk, "fields": names, "purpose": purpose,
                        "reason_digest": digest,
                    },
                )
                for (identity, about), look in zip(wanted, looks, strict=True)
            ],
            by=by,
            at=at,
        )  # fmt: skip
        return [{name: getattr(identity, name).unseal() for name in names} for identity, _subject in wanted]


def show_to_owner(
    *, identity: Identity, fields: Iterable[str], by: Actor, about: Subject, at: datetime
) -> dict[str, str]:
    """Open `fields` for the person they belong to; the caller has made sure that `by` is that person.

    Kept as a look of one's own, which `queries.looks_at` leaves out, and not journalled: nothing
    happened to `about`.
    """
    wanted = _wanted(fields)
    _refuse_if_erased(identity)
    with transaction.atomic(savepoint=False):
        _write_look(identity, wanted, by, Purpose.OWN, about, at)
        return {field: getattr(identity, field).unseal() for field in wanted}


def erase_identity(*, identity: Identity, by: Actor, about: Subject, at: datetime) -> bool:
    """Make the identity unreadable for good; False if that was done before.

    Sealed values, indexes and masks go, the row and its looks stay: who looked at data remains
    answerable after the data is gone.
    """
    with transaction.atomic(savepoint=False):
        locked = Identity.objects.select_for_update().get(pk=identity.pk)
        if locked.erased_at is not None:
            return False
        for field in Identity.SEALED:
            setattr(locked, field, "")
        locked.phone_index = locked.id_index = None
        locked.name_masked = locked.phone_masked = locked.address_masked = locked.id_masked = ""
        locked.erased_at = at
        locked.save()
        # Reasons are free text about this person.
        Look.objects.filter(identity=locked).update(reason="", reason_salt="")
        append(act="identity.erased", subject=about, by=by, facts={"identity": locked.pk}, at=at)
    identity.refresh_from_db()
    return True


def forget_old_looks(*, at: datetime) -> int:
    """Remove looks past their retention period; returns how many went. The journal keeps its lines."""
    removed, _per_model = Look.objects.filter(at__lt=at - retention("look")).delete()
    return removed


def _given(name: str, phone: str, address: str, id_number: str) -> dict[str, str]:
    return {
        "name": " ".join(name.split()),
        "phone": phone.strip(),
        "address": " ".join(address.split()),
        "id_number": id_number.replace(" ", "").upper(),
    }


def _check_form(given: dict[str, str]) -> None:
    for field, longest in LONGEST.items():
        if len(given[field]) > longest:
            message = _("This is longer than %(longest)d characters. Shorten it.") % {"longest": longest}
            raise UnableToKeepIdentity("too_long", message, field=field)
    if given["phone"] and not normal_phone(given["phone"]):
        message = _("Check the phone number. Write a fixed line with its area code.")
        raise UnableToKeepIdentity("phone_form", message, field="phone")
    number = given["id_number"]
    if number and not (number.isascii() and number.isalnum() and len(number) >= 5):
        raise UnableToKeepIdentity("id_number_form", _("Check the identity number."), field="id_number")
    if len(number) == 18 and number[:17].isdigit() and not is_valid(number):
        message = _("The identity number has a wrong digit. Compare it with the card.")
        raise UnableToKeepIdentity("id_number_form", message, field="id_number")


def _wanted(fields: Iterable[str]) -> list[str]:
    wanted = sorted(set(fields))
    if not wanted or not set(wanted) <= set(Identity.SEALED):
        raise UnableToReveal("field_unknown", _("Choose which personal data you need."))
    return wanted


def _refuse_if_erased(identity: Identity) -> None:
    if identity.erased_at is not None:
        raise UnableToReveal("erased", _("This personal data was erased when its retention period ended."))


def _checked_reason(fields: list[str], purpose: str, reason: str, *, always: bool = False) -> str:
    """The reason as it is kept: it may quote the very thing it is about. Refused where it must not lack."""
    if purpose not in Purpose.values or purpose == Purpose.OWN:
        raise UnableToReveal(
            "purpose_missing",
            _("Choose what you need the personal data for."),
            field="purpose",
        )
    reason = mask_text(" ".join(reason.split()))[:200]
    needed = always or SENSITIVE & set(fields) or purpose in REASON_NEEDED
    if needed and len(reason) < REASON_AT_LEAST:
        raise UnableToReveal("reason_missing", _("Write in a few words why you need it."), field="reason")
    return reason


def _write_look(
    identity: Identity,
    fields: list[str],
    by: Actor,
    purpose: str,
    about: Subject,
    at: datetime,
    *,
    reason: str = "",
    reason_salt: str = "",
) -> Look:
    look = _look(identity, fields, by, purpose, about, at, reason=reason, reason_salt=reason_salt)
    look.save(force_insert=True)
    return look


def _look(
    identity: Identity,
    fields: list[str],
    by: Actor,
    purpose: str,
    about: Subject,
    at: datetime,
    *,
    reason: str = "",
    reason_salt: str = "",
) -> Look:
    return Look(
        identity=identity,
        fields=fields,
        purpose=purpose,
        reason=reason,
        reason_salt=reason_salt,
        actor_kind=by.kind,
        actor_id=by.id,
        post_kind=by.post_kind,
        post_id=by.post_id,
        role_label=by.post_label or by.post_kind or by.kind,
        about_kind=about.kind,
        about_id=about.id,
        at=at,
    )
