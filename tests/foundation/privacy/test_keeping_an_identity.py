"""What a person gives is checked for form, sealed, masked, and found again by the same number."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from wangge.foundation.privacy.actions import UnableToKeepIdentity, keep_identity
from wangge.foundation.privacy.defaults import load_defaults
from wangge.foundation.privacy.identity_numbers import check_character
from wangge.foundation.privacy.models import Identity, RetentionPeriod
from wangge.foundation.privacy.phones import normal_phone
from wangge.foundation.privacy.queries import identities_with_id_number, identities_with_phone

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
ID_NUMBER = "230717199001011238"
pytestmark = pytest.mark.django_db


def test_who_gives_nothing_stays_anonymous():
    assert keep_identity(name="  ", at=AT) is None
    assert not Identity.objects.exists()


def test_lists_have_masks_to_show():
    lin = keep_identity(name="林小河", phone="13800001234", address="幸福小区3栋", id_number=ID_NUMBER, at=AT)
    masks = (lin.name_masked, lin.phone_masked, lin.address_masked, lin.id_masked)
    assert masks == ("林*", "138****1234", "幸福小区*栋", "2****************8")


def test_keeping_one_is_one_statement():
    with CaptureQueriesContext(connection) as queries:
        keep_identity(name="林小河", phone="13800001234", at=AT)
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("13800001234", "138 0000 1234"),
        ("+86-138-0000-1234", "１３８００００１２３４"),
        ("0458-3612345", "(0458) 3612345"),
        ("04583612345", "+86 458 361 2345"),
        ("+7 914 123-45-67", "+79141234567"),
    ],
)
def test_the_same_number_is_found_however_it_is_typed(kept, asked):
    lin = keep_identity(phone=kept, at=AT)
    keep_identity(phone="13900005678", at=AT)
    assert identities_with_phone(asked).get() == lin


def test_another_number_finds_nobody():
    keep_identity(phone="13800001234", at=AT)
    assert not identities_with_phone("13800001235").exists()
    assert not identities_with_phone("").exists()
    assert not identities_with_phone("nobody").exists()
    assert not identities_with_id_number("").exists()


def test_an_identity_number_is_found_again():
    assert check_character("23071719900101106") == "X"
    lin = keep_identity(id_number="23071719900101106x", at=AT)
    assert identities_with_id_number("230717 19900101 106X").get() == lin


@pytest.mark.parametrize("phone", ["1", "no phone", "13800001234567890"])
def test_what_is_no_phone_number_is_refused(phone):
    with pytest.raises(UnableToKeepIdentity) as refusal:
        keep_identity(name="林小河", phone=phone, at=AT)
    assert (refusal.value.code, refusal.value.field) == ("phone_form", "phone")
    assert not Identity.objects.exists()


@pytest.mark.parametrize("number", ["230717199001011237", "230717199013011238", "身份证", "1234"])
def test_a_mistyped_identity_number_is_refused(number):
    with pytest.raises(UnableToKeepIdentity) as refusal:
        keep_identity(id_number=number, at=AT)
    assert (refusal.value.code, refusal.value.field) == ("id_number_form", "id_number")


def test_a_passport_number_is_kept():
    assert keep_identity(id_number="E12345678", at=AT).id_masked == "E****"


@pytest.mark.parametrize("field", ["name", "phone", "address", "id_number"])
def test_what_is_too_long_is_refused_with_its_field(field):
    with pytest.raises(UnableToKeepIdentity) as refusal:
        keep_identity(**{field: "1" * 201}, at=AT)
    assert (refusal.value.code, refusal.value.field) == ("too_long", field)


def test_the_database_does_not_let_an_erased_row_keep_a_mask():
    lin = keep_identity(name="林小河", at=AT)
    with pytest.raises(IntegrityError):
        Identity.objects.filter(pk=lin.pk).update(erased_at=AT)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("13800001234", "+8613800001234"),
        ("008613800001234", "+8613800001234"),
        ("013800001234", "+8613800001234"),
        ("361 2345", "3612345"),
        ("0458-3612345", "+864583612345"),
        ("12345", "12345"),
        ("", ""),
        ("12", ""),
        ("abc13800001234", ""),
    ],
)
def test_a_number_has_one_normal_form(written, normal):
    assert normal_phone(written) == normal


def test_defaults_do_not_undo_what_a_deployment_decided():
    RetentionPeriod.objects.filter(code="look").update(days=2000)
    RetentionPeriod.objects.filter(code="unclaimed_upload").delete()
    assert load_defaults() == 1
    assert RetentionPeriod.objects.get(code="look").days == 2000
    assert load_defaults() == 0
