"""A sealed column shows dots wherever it is printed, and cannot be searched."""

import pickle
from datetime import UTC, datetime

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection
from django.template import Context, Engine

from wangge.foundation.privacy.actions import keep_identity
from wangge.foundation.privacy.fields import SealedText, SealedTextField
from wangge.foundation.privacy.keys import add_key, create_keys
from wangge.foundation.privacy.models import Identity
from wangge.foundation.privacy.queries import identities_with_phone
from wangge.foundation.privacy.rotation import reseal_batch, sealed_models
from wangge.foundation.privacy.sealing import version_of

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)


def lin(**changes):
    given = {"name": "林小河", "phone": "13800001234", "address": "幸福小区3栋", "at": AT}
    return keep_identity(**{**given, **changes})


@pytest.mark.django_db
def test_the_database_holds_no_plain_value():
    lin()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM privacy_identity")
        for value in cursor.fetchone():
            kept = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for secret in ("林小河", "小河", "13800001234", "3栋"):
                assert secret.encode() not in kept


@pytest.mark.django_db
def test_a_value_read_back_is_the_value_given():
    identity = Identity.objects.get(pk=lin().pk)
    assert identity.name.unseal() == "林小河"
    assert identity.address.unseal() == "幸福小区3栋"
    assert identity.id_number.unseal() == ""


@pytest.mark.django_db
@pytest.mark.parametrize("from_the_database", [True, False])
def test_printing_it_in_any_way_shows_dots(from_the_database):
    identity = lin()
    if from_the_database:
        identity.refresh_from_db()
    page = Engine().from_string("{{ identity }} {{ identity.phone }} {{ identity.phone|default:'-' }}")
    shown = [
        repr(identity),
        str(identity.__dict__),
        f"{identity.phone} {identity.phone!r}",
        "{}".format(identity.phone),  # noqa: UP032
        page.render(Context({"identity": identity})),
        repr(vars(identity)),
    ]
    for text in shown:
        assert "1380000" not in text
    assert str(identity.phone) == "•••"
    assert str(identity.id_number) == ""


@pytest.mark.django_db
def test_a_pickle_carries_the_sealed_value_alone():
    pickled = pickle.dumps(lin())
    assert b"1380000" not in pickled
    assert pickle.loads(pickled).phone.unseal() == "13800001234"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "search",
    [
        {"phone": "13800001234"},
        {"phone__contains": "138"},
        {"phone__in": ["13800001234"]},
        {"name__isnull": True},
    ],
)
def test_searching_it_is_refused_and_points_to_the_index(search):
    with pytest.raises(FieldError, match="possible_indexes"):
        Identity.objects.filter(**search).exists()


@pytest.mark.django_db
def test_a_dump_is_refused():
    with pytest.raises(TypeError, match="sealed"):
        serializers.serialize("json", [lin()])


@pytest.mark.django_db
def test_an_update_of_many_rows_seals_too():
    identity = lin()
    Identity.objects.filter(pk=identity.pk).update(address="文化路8号")
    identity.refresh_from_db()
    assert identity.address.unseal() == "文化路8号"


def test_only_a_text_can_be_sealed():
    with pytest.raises(TypeError, match="takes a text"):
        Identity(phone=13800001234)


def test_a_field_that_is_renamed_keeps_the_purpose_it_was_given():
    field = SealedTextField(purpose="case.lookup_secret")
    assert field.clone().purpose == "case.lookup_secret"
    assert Identity._meta.get_field("phone").purpose == "privacy.identity.phone"


def test_an_empty_value_is_kept_as_nothing():
    assert SealedText("a.b", text="").sealed() == b""
    assert not SealedText("a.b", sealed=b"")


@pytest.mark.django_db
def test_after_sealing_anew_the_old_key_is_no_longer_needed(settings, tmp_path):
    settings.KEYS_FILE = tmp_path / "keys.json"
    create_keys(at=AT)
    kept = [
        lin(name=f"林{letter}", phone=f"1380000123{number}") for number, letter in enumerate("甲乙丙丁戊")
    ]
    add_key(at=AT)
    last, batches = 0, 0
    while (last := reseal_batch(Identity, after=last, limit=2)) is not None:
        batches += 1
    assert batches == 3
    document = settings.KEYS_FILE.read_text()
    settings.KEYS_FILE.write_text(document.replace('"1":', '"9":'))
    for number, identity in enumerate(kept):
        identity.refresh_from_db()
        assert version_of(identity.phone.sealed()) == 2
        assert identity.phone.unseal() == f"1380000123{number}"
        assert identities_with_phone(f"1380000123{number}").get() == identity


def test_every_model_with_a_sealed_column_is_found():
    assert Identity in sealed_models()
