"""Opening, closing and re-keying accounts.

These acts write no journal line: the journal stands a step above and cannot be imported here. The
callers do: `organisations` for accounts opened or closed with a post, the doors for a person changing
their own password.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from wangge.foundation.accounts.models import FormerPassword, User, number_free, username_form
from wangge.foundation.accounts.passwords import remembered_passwords
from wangge.foundation.refusals import Refusal


class UnableToCreateAccount(Refusal):
    """Codes: `username_form`, `username_taken`, or a password code of `UnableToSetPassword`."""


class UnableToSetPassword(Refusal):
    """Codes: `wrong_password`, or the code of the first password rule that is broken."""


def create_account(*, username: str, password: str, at: datetime, language: str = "") -> User:
    """Open an account; `username` is lower-cased; a password may not break the configured rules."""
    username = User.normalize_username(username)
    try:
        username_form(username)
        number_free(username)
    except ValidationError as error:
        raise UnableToCreateAccount("username_form", error.messages[0], field="username") from None
    try:
        validate_password(password, User(username=username))
    except ValidationError as error:
        raise UnableToCreateAccount(_code(error), " ".join(error.messages), field="password") from None
    try:
        with transaction.atomic():
            return User.objects.create_user(username, password, at=at, language=language)
    except IntegrityError:
        message = _("This account name is taken. Choose another one.")
        raise UnableToCreateAccount("username_taken", message, field="username") from None


def change_password(*, user: User, old_password: str, new_password: str, at: datetime) -> User:
    """A person changes their own password. Other sessions of the account end with it."""
    if not check_password(old_password, user.password):
        message = _("The present password is not right. Try again.")
        raise UnableToSetPassword("wrong_password", message, field="old_password")
    return reset_password(user=user, new_password=new_password, at=at)


def reset_password(*, user: User, new_password: str, at: datetime) -> User:
    """Set a password on behalf of an account, for whoever may (see `organisations.authority`)."""
    with transaction.atomic():
        # The row as it stands now: two changes at once must both be remembered.
        locked = User.objects.select_for_update().get(pk=user.pk)
        try:
            validate_password(new_password, locked)
        except ValidationError as error:
            raise UnableToSetPassword(_code(error), " ".join(error.messages), field="new_password") from None
        FormerPassword.objects.create(user=locked, encoded=locked.password, created_at=at)
        _forget_the_oldest(locked)
        locked.set_password(new_password)
        locked.save(update_fields=["password"])
    user.password = locked.password
    return locked


def deactivate_account(*, user: User) -> None:
    """Nobody logs in with this account any more; its open sessions end with their next page."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False


def reactivate_account(*, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


def choose_language(*, user: User, language: str) -> None:
    """Remember the language of a person's pages and notices; one we do not speak is ignored."""
    if language in User.Language.values and language != user.language:
        User.objects.filter(pk=user.pk).update(language=language)
        user.language = language


def _forget_the_oldest(user: User) -> None:
    former = FormerPassword.objects.filter(user=user).order_by("-created_at", "-id")
    kept = list(former.values_list("pk", flat=True)[: max(remembered_passwords() - 1, 0)])
    former.exclude(pk__in=kept).delete()


def _code(error: ValidationError) -> str:
    return next((str(e.code) for e in error.error_list if e.code), "password")
