"""What a password must be beyond Django's own rules: mixed classes, and not one of the last few.

These two follow GB/T 22239-2019, 8.1.4.1 (identity authentication: complexity, regular change). They are
switched on in `AUTH_PASSWORD_VALIDATORS`, which is also where their numbers are set.
"""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wangge.foundation.accounts.models import FormerPassword, User

REMEMBERED = 5


class LongEnough(MinimumLengthValidator):
    """Django's own, whose sentence has no Chinese in Django 5.2."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short: use at least %(count)d character.",
            "This password is too short: use at least %(count)d characters.",
            self.min_length,
        ) % {"count": self.min_length}


class MixedClasses:
    """At least one letter and one digit, in any script."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not any(c.isalpha() for c in password) or not any(c.isdigit() for c in password):
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return _("Use at least one letter and one digit.")


class NotAFormerPassword:
    """Refuses the current password and the ones before it, `remembered` in all."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        for encoded in self._remembered_by(user):
            if check_password(password, encoded):
                raise ValidationError(self.get_help_text(), code="password_reused")

    def _remembered_by(self, user: User) -> list[str]:
        former = FormerPassword.objects.filter(user=user).order_by("-created_at", "-id")
        return [user.password, *former.values_list("encoded", flat=True)[: self.remembered - 1]]

    def get_help_text(self) -> str:
        return ngettext(
            "Choose a password that is not the one you have now.",
            "Choose a password that differs from your last %(count)d.",
            self.remembered,
        ) % {"count": self.remembered}


def remembered_passwords() -> int:
    """How many passwords of an account are remembered in this deployment, the current one included."""
    for validator in get_default_password_validators():
        if isinstance(validator, NotAFormerPassword):
            return validator.remembered
    return REMEMBERED
