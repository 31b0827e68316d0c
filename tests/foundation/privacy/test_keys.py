"""Keys are made on purpose, kept to their owner, and added to without losing the old ones."""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import pytest

from wangge.foundation.privacy import keys
from wangge.foundation.privacy.keys import KeysMissing, KeysUnusable, add_key, create_keys, keyring
from wangge.foundation.privacy.sealing import seal, unseal, version_of

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)


@pytest.fixture
def keys_file(settings, tmp_path):
    settings.KEYS_FILE = tmp_path / "kept" / "keys.json"
    settings.DEMO = False
    return settings.KEYS_FILE


def test_without_a_file_nothing_is_sealed_and_the_message_says_what_to_do(keys_file):
    with pytest.raises(KeysMissing, match="wangge keys create"):
        seal("13800001234", "a.b")
    assert not keys_file.exists()


def test_a_demo_makes_its_keys_on_first_use(keys_file, settings):
    settings.DEMO = True
    assert unseal(seal("13800001234", "a.b"), "a.b") == "13800001234"
    assert keys_file.exists()


def test_only_the_owner_may_read_the_file(keys_file):
    create_keys(at=AT)
    assert keys_file.stat().st_mode & 0o777 == 0o600


def test_keys_that_others_could_read_are_not_used(keys_file):
    create_keys(at=AT)
    keys_file.chmod(0o640)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        keyring()


def test_keys_in_use_are_never_overwritten(keys_file):
    create_keys(at=AT)
    before = keys_file.read_bytes()
    with pytest.raises(FileExistsError):
        create_keys(at=AT)
    create_keys(at=AT, exist_ok=True)
    assert keys_file.read_bytes() == before
    assert os.listdir(keys_file.parent) == [keys_file.name]


def test_what_an_older_key_sealed_stays_readable(keys_file):
    create_keys(at=AT)
    old = seal("13800001234", "a.b")
    add_key(at=AT)
    new = seal("13800001234", "a.b")
    assert (version_of(old), version_of(new)) == (1, 2)
    assert unseal(old, "a.b") == unseal(new, "a.b") == "13800001234"


def test_a_running_process_notices_a_new_key(keys_file):
    create_keys(at=AT)
    assert keyring().current == 1
    add_key(at=AT)
    assert keyring().current == 2


def test_a_missing_version_is_named(keys_file):
    create_keys(at=AT)
    add_key(at=AT)
    sealed = seal("13800001234", "a.b")
    document = json.loads(keys_file.read_text())
    del document["versions"]["2"]
    keys_file.write_text(json.dumps({**document, "current": 1}))
    with pytest.raises(KeysUnusable, match="version 2"):
        unseal(sealed, "a.b")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 1, "current": 1, "versions": {"1": {"created_at": "", "secret": "eA=="}}}'],
)
def test_a_damaged_file_is_said_to_be_damaged(keys_file, content):
    create_keys(at=AT)
    keys_file.write_text(content)
    with pytest.raises(KeysUnusable, match="damaged"):
        keyring()


def test_a_file_of_a_later_format_is_not_guessed_at(keys_file):
    create_keys(at=AT)
    keys_file.write_text(keys_file.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(KeysUnusable, match="format 2"):
        keyring()


def test_a_keyring_does_not_show_its_secrets(keys_file):
    ring = create_keys(at=AT)
    assert repr(ring) == "Keyring(current=1, versions=[1])"


def test_of_many_that_start_at_once_one_makes_the_keys(keys_file, settings):
    with ProcessPoolExecutor(4) as pool:
        made = set(pool.map(_create, [str(keys_file)] * 8))
    assert len(made) == 1


def _create(path):
    from django.conf import settings
    from django.test import override_settings

    with override_settings(KEYS_FILE=path):
        assert path == settings.KEYS_FILE
        return keys.create_keys(exist_ok=True).derived("any", 32)
