"""What is remembered of a sign-in that failed: enough to lock the door, nothing about the person.

People type into the account name what belongs elsewhere: a phone number, their own name, the password. Such
a name is nobody's account, so it is not kept; neither is what the browser tells of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from wangge.foundation.accounts.models import User, number_free, username_form

#: Stands for every name that no account can have; one address shares a lock for all of them.
NO_ACCOUNT_NAME = "?"


def name_to_count(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """The account name under which an attempt is counted (`AXES_USERNAME_CALLABLE`)."""
    told = credentials if credentials is not None else request.POST if request is not None else {}
    username = User.normalize_username(str(told.get("username") or ""))
    try:
        username_form(username)
        number_free(username)
    except ValidationError:
        return NO_ACCOUNT_NAME
    return username


class FailedSignIns(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts per name and address alone (`AXES_HANDLER`)."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any
    ) -> None:
        if request is not None:
            request.axes_user_agent = ""  # type: ignore[attr-defined]
        super().user_login_failed(sender, credentials, request, **more)
