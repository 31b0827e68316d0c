"""Accounts are opened under rules, closed without being deleted, and hold nothing about the person."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from wangge.foundation.accounts.actions import (
    UnableToCreateAccount,
    choose_language,
    create_account,
    deactivate_account,
    reactivate_account,
)
from wangge.foundation.accounts.models import User
from wangge.foundation.accounts.passwords import MixedClasses, NotAFormerPassword

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
DJANGOS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("NumericPasswordValidator", {}),
    ]
]
pytestmark = pytest.mark.django_db


def chen(**changes):
    return create_account(**{"username": "chen", "password": "frozen river 12", "at": AT, **changes})


def log_in(username, password):
    return authenticate(RequestFactory().post("/login"), username=username, password=password)


def test_an_account_knows_a_name_to_log_in_with_and_nothing_of_the_person():
    fields = {field.name for field in User._meta.concrete_fields}
    assert fields == {"id", "username", "password", "is_active", "language", "created_at", "last_login"}


def test_whoever_has_the_password_logs_in():
    user = chen()
    assert user.created_at == AT
    assert log_in("chen", "frozen river 12") == user
    assert log_in("chen", "frozen river 13") is None


@pytest.mark.parametrize("written", ["Chen", " chen ", "ｃｈｅｎ", "CHEN"])
def test_capitals_and_full_width_letters_name_the_same_account(written):
    user = chen()
    assert log_in(written, "frozen river 12") == user
    with pytest.raises(UnableToCreateAccount) as refusal:
        chen(username=written)
    assert refusal.value.code == "username_taken"
    assert refusal.value.field == "username"


@pytest.mark.parametrize(
    "username",
    [
        "13800001234", "li13800001234", "li.138-0000-1234", "230717199001011234", "陈", "ab", "a b c",
        "chen\n", "",
    ],
)  # fmt: skip
def test_a_phone_or_id_number_or_a_written_name_is_no_account_name(username):
    if username == "chen\n":  # edges are trimmed, so this one is only its trimmed self
        assert chen(username=username).username == "chen"
        return
    with pytest.raises(UnableToCreateAccount) as refusal:
        chen(username=username)
    assert refusal.value.code == "username_form"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short 1", "password_too_short"),
        ("no digits at all", "password_classes"),
        ("9081726354901", "password_entirely_numeric"),
        ("frozenriver1", "password_too_similar"),
    ],
)
def test_weak_passwords_are_refused_and_nothing_is_written(password, code, settings):
    ours = [{"NAME": f"{rule.__module__}.{rule.__qualname__}"} for rule in (MixedClasses, NotAFormerPassword)]
    settings.AUTH_PASSWORD_VALIDATORS = [*DJANGOS, *ours]
    with pytest.raises(UnableToCreateAccount) as refusal:
        chen(username="frozen-river", password=password)
    assert refusal.value.code == code
    assert refusal.value.field == "password"
    assert not User.objects.exists()


def test_a_closed_account_logs_nobody_in_until_it_is_opened_again():
    user = chen()
    deactivate_account(user=user)
    assert log_in("chen", "frozen river 12") is None
    reactivate_account(user=user)
    assert log_in("chen", "frozen river 12") == user


def test_a_person_chooses_among_the_languages_there_are():
    user = chen()
    choose_language(user=user, language="en")
    choose_language(user=user, language="tlh")
    assert User.objects.get().language == "en"
