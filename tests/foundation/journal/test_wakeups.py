"""The outbox: each line is answered, once, whoever fails, waits or dies in between."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from foundation.journal.makers import AT, CASE, CHEN, OTHER, write, write_chain
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.models import Line, Wakeup
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.wakeups import RETRY_AFTER, Drained, drain

NOTHING = Drained(0, 0)
QUOTED = "王小二 13912345678"


def in_thread(work):
    try:
        return work()
    finally:
        connection.close()


def test_each_line_is_handed_over_once(db):
    write(act="case.registered")
    write(OTHER, act="case.registered")
    told = []
    assert drain(told.append, at=AT) == Drained(2, 0)
    assert [line.subject for line in told] == [CASE, OTHER]
    assert drain(told.append, at=AT) == NOTHING
    assert len(told) == 2


def test_the_lines_stay_when_their_wakeups_are_answered(db):
    write()
    drain(lambda line: None, at=AT)
    assert Line.objects.count() == 1
    assert not Wakeup.objects.exists()


def test_a_wakeup_of_later_is_left_for_later(db):
    write(at=AT + timedelta(minutes=5))
    assert drain(lambda line: None, at=AT) == NOTHING
    assert drain(lambda line: None, at=AT + timedelta(minutes=5)) == Drained(1, 0)


def test_a_batch_takes_the_oldest_and_leaves_the_rest(db):
    for minute in (2, 0, 1):
        write(Subject("case", str(minute)), at=AT + timedelta(minutes=minute))
    told = []
    assert drain(told.append, at=AT + timedelta(hours=1), batch=2) == Drained(2, 0)
    assert [line.subject_id for line in told] == ["0", "1"]
    assert Wakeup.objects.count() == 1


def test_bulk_written_history_wakes_nobody(db):
    write_chain(CASE, 3)
    assert drain(lambda line: None, at=AT + timedelta(days=1)) == NOTHING


def test_what_an_answer_writes_wakes_in_turn(db):
    write(act="case.registered")

    def answer(line):
        if line.act == "case.registered":
            append(act="notice.sent", subject=Subject("notice", "1"), by=CHEN, at=AT)

    assert drain(answer, at=AT) == Drained(1, 0)
    assert drain(answer, at=AT) == Drained(1, 0)
    assert drain(answer, at=AT) == NOTHING


# --- answers that fail ---


def fails_on(subject):
    def answer(line):
        append(act="notice.sent", subject=Subject("notice", line.subject_id), by=CHEN, at=AT)
        if line.subject == subject:
            raise ValueError(QUOTED)

    return answer


def test_a_failing_answer_is_put_off_and_its_neighbours_are_answered(db):
    first, second, third = (Subject("case", name) for name in "abc")
    for subject in (first, second, third):
        write(subject)
    assert drain(fails_on(second), at=AT) == Drained(2, 1)
    left = Wakeup.objects.get(attempts__gt=0)
    assert (left.line.subject, left.attempts, left.failure) == (second, 1, "ValueError")
    assert left.not_before == AT + RETRY_AFTER[0]


def test_what_a_failing_answer_had_written_is_taken_back(db):
    write()
    drain(fails_on(CASE), at=AT)
    assert not Line.objects.filter(act="notice.sent").exists()


def test_a_failing_answer_waits_longer_each_time_and_is_never_given_up(db):
    write()
    now = AT
    for wait in [*RETRY_AFTER, RETRY_AFTER[-1]]:
        assert drain(fails_on(CASE), at=now) == Drained(0, 1)
        assert drain(fails_on(CASE), at=now) == NOTHING, "it is put off"
        now += wait
    assert drain(lambda line: None, at=now) == Drained(1, 0)


def test_an_error_of_the_database_spoils_only_its_own_answer(db):
    write()
    write(OTHER)

    def answer(line):
        if line.subject == CASE:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")

    assert drain(answer, at=AT) == Drained(1, 1)
    assert Wakeup.objects.get().failure == "DataError"


def test_the_log_says_where_it_failed_and_not_what_was_said(db, caplog):
    write()
    with caplog.at_level(logging.ERROR):
        drain(fails_on(CASE), at=AT)
    assert "ValueError" in caplog.text
    assert "in answer" in caplog.text
    assert caplog.records[0].exc_info is None
    assert QUOTED not in caplog.text


# --- two workers, and the end of one ---


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_answer_each_line_once():
    for number in range(60):
        write(Subject("case", str(number)))
    together = threading.Barrier(2)
    told = []

    def work():
        together.wait(timeout=20)
        while drain(lambda line: told.append(line.subject_id), at=AT, batch=4) != NOTHING:
            pass

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(in_thread, work) for _ in range(2)]:
            running.result(timeout=30)
    assert sorted(told, key=int) == [str(number) for number in range(60)]
    assert not Wakeup.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_what_another_has_not_and_does_not_wait_for_it():
    write()
    write(OTHER)
    busy, go_on = threading.Event(), threading.Event()
    told = []

    def slow(line):
        busy.set()
        assert go_on.wait(timeout=20)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(in_thread, lambda: drain(slow, at=AT, batch=1))
        assert busy.wait(timeout=20)
        assert drain(told.append, at=AT) == Drained(1, 0)
        go_on.set()
        assert running.result(timeout=20) == Drained(1, 0)
    assert [line.subject for line in told] == [OTHER]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_in_the_middle_leaves_every_wakeup_of_its_batch():
    write()
    write(OTHER)

    def dies(line):
        append(act="notice.sent", subject=Subject("notice", line.subject_id), by=CHEN, at=AT)
        if line.subject == OTHER:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drain(dies, at=AT)
    assert Wakeup.objects.filter(attempts=0).count() == 2
    assert not Line.objects.filter(act="notice.sent").exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_its_connection_leaves_every_wakeup_of_its_batch():
    write()
    write(OTHER)
    reached = []

    def cut_off(line):
        reached.append(line.subject)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def work():
        with pytest.raises((OperationalError, InterfaceError)):
            drain(cut_off, at=AT)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(in_thread, work).result(timeout=20)
    assert reached == [CASE]
    assert Wakeup.objects.filter(attempts=0).count() == 2
    assert drain(lambda line: None, at=AT) == Drained(2, 0)


@pytest.mark.django_db(transaction=True)
def test_a_line_not_committed_yet_wakes_nobody():
    with transaction.atomic():
        append(act="case.registered", subject=CASE, by=CHEN, at=AT)
        with ThreadPoolExecutor(1) as pool:
            elsewhere = pool.submit(in_thread, lambda: drain(lambda line: None, at=AT)).result(timeout=20)
        assert elsewhere == NOTHING
    assert drain(lambda line: None, at=AT) == Drained(1, 0)


def test_a_wakeup_whose_line_was_removed_is_kept_as_a_failure(db):
    write()
    Wakeup.objects.update(line_id=-1)
    assert drain(lambda line: None, at=AT) == Drained(0, 1)
    assert Wakeup.objects.get().failure == "KeyError"
    assert lines_of(CASE).count() == 1
