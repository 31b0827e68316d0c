"""Checkpoints and their files."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from foundation.journal.makers import AT, CASE, CHEN, OTHER, write, write_chain
from wangge.foundation.journal import seal_files
from wangge.foundation.journal.actions import GENESIS, Entry, append_many
from wangge.foundation.journal.models import Checkpoint, Head, SealedHead
from wangge.foundation.journal.seal_files import UnableToReadSealFile, path_of
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.journal.verifying import verify_journal

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(days=1)


@pytest.fixture(autouse=True)
def seals(settings, tmp_path):
    settings.SEALS_DIR = tmp_path / "seals"
    return settings.SEALS_DIR


def test_a_checkpoint_seals_every_chain():
    write(CASE)
    write(CASE)
    write(OTHER)
    checkpoint = seal_heads(at=LATER)
    assert (checkpoint.number, checkpoint.head_count, checkpoint.sealed_count) == (1, 2, 2)
    assert bytes(checkpoint.previous_hash) == GENESIS
    assert list(SealedHead.objects.order_by("subject_id").values_list("subject_id", "seq")) == [
        (CASE.id, 2),
        (OTHER.id, 1),
    ]


def test_the_next_checkpoint_seals_only_what_moved_and_follows_the_one_before():
    write(CASE)
    write(OTHER)
    first = seal_heads(at=LATER)
    write(OTHER)
    second = seal_heads(at=LATER + timedelta(days=1))
    assert (second.number, second.head_count, second.sealed_count) == (2, 2, 1)
    assert bytes(second.previous_hash) == bytes(first.hash)
    assert second.sealed_heads.get().seq == 2


def test_a_quiet_day_is_sealed_too():
    write(CASE)
    seal_heads(at=LATER)
    quiet = seal_heads(at=LATER)
    assert (quiet.number, quiet.head_count, quiet.sealed_count) == (2, 1, 0)
    assert verify_journal().sound


def test_an_empty_journal_can_be_sealed():
    assert seal_heads(at=AT).head_count == 0
    assert verify_journal().sound


def test_each_checkpoint_is_written_to_a_file_of_its_own():
    write(CASE)
    checkpoint = seal_heads(at=LATER)
    rows = path_of(1).read_text().splitlines()
    assert json.loads(rows[0])["hash"] == bytes(checkpoint.hash).hex()
    assert json.loads(rows[1]) == ["case", CASE.id, 1, bytes(Head.objects.get().hash).hex()]
    header, marks = seal_files.read(path_of(1))
    assert (header.number, header.at, header.hash) == (1, LATER, bytes(checkpoint.hash))
    assert [mark.subject for mark in marks] == [CASE]


def test_files_missing_after_a_full_disk_are_written_with_the_next(seals):
    write(CASE)
    seal_heads(at=LATER)
    write(CASE)
    seal_heads(at=LATER)
    path_of(2).unlink()
    seal_heads(at=LATER)
    assert sorted(path.name for path in seals.iterdir()) == [
        "00000001.jsonl",
        "00000002.jsonl",
        "00000003.jsonl",
    ]


def test_older_files_taken_to_a_safe_place_are_not_written_again(seals):
    for _ in range(3):
        seal_heads(at=LATER)
    path_of(1).unlink()
    seal_heads(at=LATER)
    assert not path_of(1).exists()


def test_a_seal_that_is_rolled_back_leaves_no_file(seals):
    write(CASE)
    with transaction.atomic():
        seal_heads(at=LATER)
        transaction.set_rollback(True)
    assert not seals.exists()
    assert seal_heads(at=LATER).number == 1


def test_sealing_waits_for_no_act_and_makes_none_wait():
    """A head held by an act is sealed where it last stood, and again once it has moved."""
    write(CASE)
    write(OTHER)
    held, go_on = threading.Event(), threading.Event()

    def act():
        try:
            with transaction.atomic():
                append_many([Entry("a.b", CASE, {}), Entry("a.b", OTHER, {})], by=CHEN, at=AT)
                held.set()
                assert go_on.wait(timeout=20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(act)
        assert held.wait(timeout=20)
        assert seal_heads(at=LATER).sealed_count == 2
        go_on.set()
        running.result(timeout=20)
    assert set(Head.objects.values_list("sealed_seq", "seq")) == {(0, 2)}, "left out, not waited for"
    assert seal_heads(at=LATER).sealed_count == 2
    assert set(Head.objects.values_list("sealed_seq", flat=True)) == {2}
    assert verify_journal().sound


def test_seals_made_at_once_follow_each_other():
    write_chain(CASE, 4)

    def seal(_number):
        try:
            return seal_heads(at=LATER).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(seal, range(8))) == list(range(1, 9))
    assert Checkpoint.objects.count() == 8
    assert verify_journal().sound


def test_sealing_while_acts_go_on_is_sound():
    stop = threading.Event()

    def acting(number):
        try:
            while not stop.is_set():
                with transaction.atomic():
                    append_many([Entry("a.b", OTHER, {"w": number}), Entry("a.b", CASE, {})], by=CHEN, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(acting, number) for number in range(3)]
        for _ in range(10):
            seal_heads(at=LATER)
            assert verify_journal().sound
        stop.set()
        for each in running:
            each.result(timeout=20)
    assert verify_journal().sound


# --- files that are none ---


def spoiled(change):
    write(CASE)
    write(OTHER)
    seal_heads(at=LATER)
    path = path_of(1)
    path.write_text(change(path.read_text()))
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "", "is empty"),
        (lambda text: "notes of a meeting\n", "line 1: not a line of a seal file"),
        (lambda text: text + "[1]\n", "line 4: not a line of a seal file"),
        (lambda text: "".join(text.splitlines(keepends=True)[:2]), "damaged"),
        (lambda text: text.replace('"head_count": 2', '"head_count": 3'), "damaged"),
        (lambda text: text.replace(f'"{CASE.id}",1', f'"{CASE.id}",2'), "damaged"),
        (lambda text: text.replace('"sm3"', '"md5"'), "damaged"),
    ],
)
def test_a_damaged_file_is_refused(change, said):
    with pytest.raises(UnableToReadSealFile, match=said):
        verify_journal(since=spoiled(change))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnableToReadSealFile, match="cannot be read"):
        verify_journal(since=tmp_path / "none.jsonl")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(UnableToReadSealFile, match="cannot be read"):
        verify_journal(since=tmp_path / "photo.jpg")
