"""The tables of logging in: accounts, the passwords they had before, and the windows of the rate limits.

An account carries no name, phone or e-mail address; what a person may do follows from the posts held
in `organisations`. A second factor, when it comes, is a table of its own that points at `User`.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

# Starting with a letter keeps phone and ID numbers out: the name of an account stands in logs.
username_form = RegexValidator(
    r"\A[a-z][a-z0-9._-]{2,63}\Z",
    _("Start with a letter; use 3 to 64 of a-z, 0-9, dot, hyphen, underscore."),
)
#: Nor does one stand behind the first letter.
number_free = RegexValidator(
    r"(?:\d[._-]?){11}",
    _("Choose a name without a phone or ID number in it."),
    inverse_match=True,
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None, *, at: datetime, language: str = "") -> User:
        """Save an account as given; rules for passwords and names are checked by `actions.create_account`."""
        user = self.model(username=User.normalize_username(username), created_at=at)
        if language:
            user.language = language
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=User.normalize_username(username or ""))


class User(AbstractBaseUser):
    """Somebody who can log in, and nothing more."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", _("Chinese")
        ENGLISH = "en", _("English")

    username = models.CharField(_("account name"), max_length=64, unique=True, validators=[username_form])
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language.choices, default=Language.CHINESE
    )
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username=Lower("username")), name="user_name_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """One spelling per account: full-width letters become plain ones, capitals small, edges trimmed."""
        return super().normalize_username(username).strip().lower()


class FormerPassword(models.Model):
    """A password an account has or had, as its salted hash, so that it is not chosen again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    encoded = models.CharField(max_length=128)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="former_password_by_user")]


class SpendingWindow(models.Model):
    """How often one caller knocked at one bucket within one window.

    The table is UNLOGGED (see the migration): losing it in a crash costs one window of counting.
    `key_digest` is an HMAC, so no network address is stored.
    """

    pk = models.CompositePrimaryKey("bucket", "key_digest", "window_start")
    bucket = models.CharField(max_length=40)
    key_digest = models.BinaryField(max_length=32)
    window_start = models.DateTimeField()
    spent = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)
