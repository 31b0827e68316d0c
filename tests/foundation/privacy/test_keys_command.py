"""`wangge keys`: an operator makes keys, adds one, seals anew, and never sees a key."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from wangge.foundation.privacy.actions import keep_identity
from wangge.foundation.privacy.cli import keys
from wangge.foundation.privacy.sealing import version_of


@pytest.fixture
def keys_file(settings, tmp_path):
    settings.KEYS_FILE = tmp_path / "keys.json"
    return settings.KEYS_FILE


def run(*arguments):
    return CliRunner().invoke(keys, list(arguments))


def test_a_new_deployment_makes_its_keys_once(keys_file):
    assert run("create").exit_code == 0
    before = keys_file.read_bytes()
    again = run("create")
    assert again.exit_code == 1
    assert "wangge keys add" in again.output
    assert keys_file.read_bytes() == before


@pytest.mark.django_db
def test_a_key_is_added_and_everything_sealed_with_it(keys_file):
    run("create")
    lin = keep_identity(name="林小河", phone="13800001234", at=datetime(2026, 3, 6, tzinfo=UTC))
    assert "version 2 is current" in run("add").output
    assert "privacy.Identity: sealed anew in 1 batches." in run("reseal").output
    lin.refresh_from_db()
    assert version_of(lin.phone.sealed()) == 2
    assert lin.phone.unseal() == "13800001234"


def test_no_command_prints_a_key(keys_file):
    outputs = [run("create").output, run("add").output, run("show").output]
    assert outputs[2].endswith("versions 1, 2; current 2\n")
    for entry in json.loads(keys_file.read_text())["versions"].values():
        assert all(entry["secret"] not in output for output in outputs)
