"""A password is changed by who knows the old one, and the last few are not used again."""

from datetime import UTC, datetime, timedelta

import pytest

from wangge.foundation.accounts.actions import (
    UnableToSetPassword,
    change_password,
    create_account,
    reset_password,
)
from wangge.foundation.accounts.models import FormerPassword
from wangge.foundation.accounts.passwords import MixedClasses, NotAFormerPassword

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
RULES = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{MixedClasses.__module__}.{MixedClasses.__qualname__}"},
    {"NAME": f"{NotAFormerPassword.__module__}.{NotAFormerPassword.__qualname__}"},
]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.AUTH_PASSWORD_VALIDATORS = RULES


@pytest.fixture
def chen():
    return create_account(username="chen", password="frozen river 00", at=AT)


def test_the_new_password_counts_and_the_old_one_no_longer(chen):
    change_password(user=chen, old_password="frozen river 00", new_password="open water 01", at=AT)
    chen.refresh_from_db()
    assert chen.check_password("open water 01")
    assert not chen.check_password("frozen river 00")


def test_without_the_present_password_nothing_changes(chen):
    with pytest.raises(UnableToSetPassword) as refusal:
        change_password(user=chen, old_password="a guess 99999", new_password="open water 01", at=AT)
    assert (refusal.value.code, refusal.value.field) == ("wrong_password", "old_password")
    chen.refresh_from_db()
    assert chen.check_password("frozen river 00")


def test_the_last_five_are_refused_and_the_sixth_is_forgotten(chen):
    for number in range(1, 6):
        reset_password(user=chen, new_password=f"frozen river 0{number}", at=AT + timedelta(days=number))
    for number in range(1, 6):
        with pytest.raises(UnableToSetPassword) as refusal:
            reset_password(user=chen, new_password=f"frozen river 0{number}", at=AT + timedelta(days=9))
        assert refusal.value.code == "password_reused"
    reset_password(user=chen, new_password="frozen river 00", at=AT + timedelta(days=9))
    assert FormerPassword.objects.filter(user=chen).count() == 4


def test_how_many_are_remembered_is_a_setting(chen, settings):
    settings.AUTH_PASSWORD_VALIDATORS = [{**RULES[2], "OPTIONS": {"remembered": 1}}]
    with pytest.raises(UnableToSetPassword):
        reset_password(user=chen, new_password="frozen river 00", at=AT)
    reset_password(user=chen, new_password="frozen river 01", at=AT)
    reset_password(user=chen, new_password="frozen river 00", at=AT)
    assert not FormerPassword.objects.filter(user=chen).exists()


@pytest.mark.parametrize("password", ["only letters here", "12345 67890 12"])
def test_letters_alone_or_digits_alone_are_refused(chen, password):
    with pytest.raises(UnableToSetPassword) as refusal:
        reset_password(user=chen, new_password=password, at=AT)
    assert refusal.value.code == "password_classes"


def test_a_letter_of_any_script_counts(chen):
    reset_password(user=chen, new_password="冰封的伊春河水2026年", at=AT)
    assert chen.check_password("冰封的伊春河水2026年")


def test_no_password_is_kept_in_clear(chen):
    reset_password(user=chen, new_password="open water 01", at=AT)
    assert "frozen" not in FormerPassword.objects.get().encoded
