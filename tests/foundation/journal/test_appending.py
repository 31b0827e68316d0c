"""Appending a line: the chain, the wake-up, and the promises that are refused when broken."""

import hashlib

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.journal.makers import AT, CASE, CHEN, OTHER, write
from wangge.foundation.journal.actions import GENESIS, Entry, append, append_many
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.hashing import new_hash, salted_digest
from wangge.foundation.journal.models import Checkpoint, Head, Line, SealedHead, Wakeup
from wangge.foundation.journal.queries import backlog, lines_of, lines_of_many


def test_the_first_line_starts_a_chain_from_nothing(db):
    appended = write(act="case.registered", facts={"channel": "walk_in"}, new=True)
    line = Line.objects.get(pk=appended.id)
    assert (line.seq, line.act, line.facts, line.at) == (1, "case.registered", {"channel": "walk_in"}, AT)
    assert line.subject == CASE
    assert line.by == CHEN
    assert bytes(line.previous_hash) == GENESIS
    assert bytes(line.hash) == hashlib.new("sm3", GENESIS + bytes(line.canonical)).digest()


def test_each_line_follows_the_one_before(db):
    write(new=True)
    write()
    write()
    first, second, third = lines_of(CASE)
    assert [line.seq for line in (first, second, third)] == [1, 2, 3]
    assert bytes(second.previous_hash) == bytes(first.hash)
    assert bytes(third.previous_hash) == bytes(second.hash)
    head = Head.objects.get()
    assert (head.seq, bytes(head.hash)) == (3, bytes(third.hash))


def test_each_subject_has_a_chain_of_its_own(db):
    write(CASE)
    write(OTHER)
    write(CASE)
    assert [(line.subject_id, line.seq) for line in lines_of_many("case", [CASE.id, OTHER.id])] == [
        (CASE.id, 1),
        (CASE.id, 2),
        (OTHER.id, 1),
    ]


def test_the_same_id_under_another_kind_is_another_subject(db):
    assert write(Subject("case", "5")).seq == 1
    assert write(Subject("post", "5")).seq == 1


def test_the_database_itself_refuses_a_second_line_of_one_number(db):
    write()
    line = Line.objects.get()
    line.pk = None
    with pytest.raises(IntegrityError, match="one_line_a_seq"), transaction.atomic():
        line.save(force_insert=True)


def test_the_hash_can_be_sha256(db, settings):
    settings.JOURNAL_HASH = "sha256"
    write()
    line = Line.objects.get()
    assert line.algorithm == "sha256"
    assert bytes(line.hash) == hashlib.sha256(GENESIS + bytes(line.canonical)).digest()


def test_an_unknown_hash_is_refused_by_name(db, settings):
    settings.JOURNAL_HASH = "md5"
    with pytest.raises(ValueError, match="WANGGE_JOURNAL_HASH='md5'; choose one of sm3, sha256"):
        write()


def test_sm3_of_the_standards_example():
    """GB/T 32905-2016, A.1, with both ways we have to reckon it."""
    told = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    running = new_hash("sm3")
    running.update(b"abc")
    assert running.digest().hex() == told


def test_sm3_where_openssl_lacks_it(monkeypatch):
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    running = new_hash("sm3")
    running.update(b"a")
    running.update(b"bc")
    assert running.digest().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_salted_digest_tells_nothing_without_its_salt():
    assert salted_digest("楼道灯不亮", "salt a") != salted_digest("楼道灯不亮", "salt b")
    assert salted_digest("楼道灯不亮", "salt a") == salted_digest("楼道灯不亮", "salt a")


@pytest.mark.parametrize(("new", "before", "statements"), [(True, 0, 1), (False, 1, 2), (False, 0, 3)])
def test_how_many_statements_a_line_costs(db, new, before, statements):
    for _ in range(before):
        write()
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        append(act="case.signed", subject=CASE, by=CHEN, at=AT, new=new)
    assert len(queries) == statements


# --- one act on several subjects ---


def test_an_act_on_several_subjects_leaves_one_line_on_each(db):
    with transaction.atomic():
        answers = append_many(
            [Entry("case.merged", OTHER, {"into": CASE.id}), Entry("case.joined", CASE, {"from": OTHER.id})],
            by=CHEN,
            at=AT,
        )
    assert [(answer.subject, answer.seq) for answer in answers] == [(OTHER, 1), (CASE, 1)], (
        "in the order given"
    )
    assert Line.objects.get(pk=answers[0].id).act == "case.merged"
    assert Line.objects.get(pk=answers[1].id).act == "case.joined"


def test_lines_are_written_in_subject_order_whatever_order_was_asked(db):
    with transaction.atomic():
        append_many([Entry("a.b", OTHER, {}), Entry("a.b", CASE, {})], by=CHEN, at=AT)
    assert list(Line.objects.order_by("id").values_list("subject_id", flat=True)) == [CASE.id, OTHER.id]


def test_two_entries_on_one_subject_follow_each_other(db):
    with transaction.atomic():
        answers = append_many(
            [Entry("a.first", CASE, {}, new=True), Entry("a.second", CASE, {})], by=CHEN, at=AT
        )
    assert [answer.seq for answer in answers] == [1, 2]


# --- refusals ---


@pytest.mark.django_db(transaction=True)
def test_a_line_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="inside the act's transaction"):
        append(act="case.signed", subject=CASE, by=CHEN, at=AT)
    assert not Line.objects.exists()


def test_a_broken_promise_of_a_new_subject_is_refused_and_forks_nothing(db):
    write()
    with pytest.raises(IntegrityError, match=r"one_head_a_subject|one_line_a_seq"):
        write(new=True)
    assert [line.seq for line in lines_of(CASE)] == [1]


def test_a_moment_without_a_zone_is_refused(db):
    with pytest.raises(ValueError, match="time zone"):
        write(at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("subject", [Subject("", "5"), Subject("case", "")])
def test_a_line_about_nothing_is_refused(db, subject):
    with pytest.raises(ValueError, match="The line has no subject"):
        write(subject)


def test_a_line_without_an_act_is_refused(db):
    with pytest.raises(ValueError, match="The line has no act"):
        write(act="")


@pytest.mark.parametrize("model", [Line, Checkpoint, SealedHead])
@pytest.mark.parametrize("attempt", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_login_of_the_pages_cannot_change_what_is_written(db, model, attempt):
    statement = attempt.format(model._meta.db_table)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_line_cannot_be_saved_again_or_deleted_through_the_models(db):
    write()
    line = Line.objects.get()
    line.act = "case.closed"
    with pytest.raises(ProgrammingError), transaction.atomic():
        line.save()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Line.objects.all().delete()
    assert Line.objects.get().act == "case.handled"


# --- the wake-up ---


def test_a_line_leaves_one_wakeup_due_at_once(db):
    appended = write()
    wakeup = Wakeup.objects.get()
    assert (wakeup.line_id, wakeup.not_before, wakeup.attempts, wakeup.failure) == (appended.id, AT, 0, "")


@pytest.mark.django_db(transaction=True)
def test_an_act_rolled_back_leaves_neither_line_nor_head_nor_wakeup():
    write()

    with transaction.atomic():
        append(act="case.signed", subject=CASE, by=CHEN, at=AT)
        append(act="case.registered", subject=OTHER, by=CHEN, at=AT, new=True)
        transaction.set_rollback(True)
    assert Line.objects.count() == Wakeup.objects.count() == Head.objects.count() == 1
    assert Head.objects.get().seq == 1


def test_the_backlog_says_how_much_waits_and_since_when(db):
    assert backlog().age_seconds(AT) == 0.0
    write()
    write(OTHER)
    Wakeup.objects.filter(line__subject_id=OTHER.id).update(attempts=2)
    told = backlog()
    assert (told.waiting, told.stuck, told.oldest_at) == (2, 1, AT)
    assert told.age_seconds(AT.replace(minute=1)) == 60.0


def test_an_actor_keeps_only_the_opaque_part():
    assert CHEN.without_post() == Actor("user", "7", "chen")
    assert Actor.system("timetable") == Actor("system", "timetable")
