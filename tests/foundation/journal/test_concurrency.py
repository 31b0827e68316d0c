"""Many hands at once, each with a connection of its own: no gap, no double, no deadlock, no fork."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from django.db import IntegrityError, connection, transaction

from foundation.journal.makers import AT, CASE, CHEN, write
from wangge.foundation.journal.actions import Entry, append, append_many
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.models import Head, Line, Wakeup
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.verifying import verify_journal

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


def at_once(work):
    """Run `work(number)` in WRITERS threads that start together; the answers, or the error of any."""
    together = threading.Barrier(WRITERS)

    def one(number):
        try:
            connection.ensure_connection()
            together.wait(timeout=20)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


def test_eight_writers_on_one_subject_leave_no_gap_and_no_double():
    def work(number):
        return [write(facts={"writer": number, "turn": turn}).seq for turn in range(12)]

    told = [seq for answers in at_once(work) for seq in answers]
    assert sorted(told) == list(range(1, WRITERS * 12 + 1))
    assert [line.seq for line in lines_of(CASE)] == sorted(told)
    assert Wakeup.objects.count() == len(told)
    assert verify_journal().sound


def test_eight_writers_race_for_the_first_line_of_the_same_subjects():
    subjects = [Subject("case", f"first-{number}") for number in range(15)]

    def work(number):
        return [write(subject).seq for subject in subjects]

    at_once(work)
    assert Line.objects.count() == WRITERS * len(subjects)
    assert set(Head.objects.values_list("seq", flat=True)) == {WRITERS}
    assert verify_journal().sound


def test_acts_on_several_subjects_in_any_order_never_deadlock():
    subjects = [Subject(kind, str(number)) for kind in ("case", "whistle") for number in range(4)]

    def work(number):
        random = Random(number)
        for _ in range(15):
            chosen = random.sample(subjects, random.randint(2, 5))
            with transaction.atomic():
                append_many([Entry("a.b", subject, {"writer": number}) for subject in chosen], by=CHEN, at=AT)

    at_once(work)
    assert verify_journal().sound


def test_of_eight_who_promise_a_new_subject_one_keeps_it():
    def work(number):
        try:
            return write(new=True).seq
        except IntegrityError:
            return None

    assert sorted(at_once(work), key=str) == [1] + [None] * (WRITERS - 1)
    assert [line.seq for line in lines_of(CASE)] == [1]


def test_an_act_under_way_is_waited_for_and_followed():
    entered, go_on = threading.Event(), threading.Event()

    def first():
        try:
            with transaction.atomic():
                append(act="case.first", subject=CASE, by=CHEN, at=AT)
                entered.set()
                assert go_on.wait(timeout=20)
        finally:
            connection.close()

    def second():
        try:
            assert entered.wait(timeout=20)
            threading.Timer(0.2, go_on.set).start()
            return write(act="case.second").seq
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(first)
        assert pool.submit(second).result(timeout=20) == 2
        running.result(timeout=20)
    assert [line.act for line in lines_of(CASE)] == ["case.first", "case.second"]
