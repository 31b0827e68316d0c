"""Chains written in bulk are the chains the acts would have written."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.journal.makers import AT, CASE, CHEN, OTHER, tamper, the_owner, write, write_chain
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.bulk import PastAct, write_chains
from wangge.foundation.journal.models import Head, Line, Wakeup
from wangge.foundation.journal.verifying import verify_journal

codes = st.text(st.characters(min_codepoint=0x61, max_codepoint=0x7A), min_size=1, max_size=8)
past_acts = st.builds(
    PastAct,
    act=codes.map(lambda code: f"case.{code}"),
    by=st.builds(Actor, kind=codes, id=codes, label=codes, post_kind=codes, post_id=codes, post_label=codes),
    at=st.integers(0, 10**14).map(lambda microseconds: AT + timedelta(microseconds=microseconds)),
    facts=st.dictionaries(
        codes, codes | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9).map(abs), max_size=3
    ),
)


@pytest.mark.parametrize("algorithm", ["sm3", "sha256"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chains=st.lists(st.lists(past_acts, min_size=1, max_size=4), min_size=1, max_size=3))
def test_in_bulk_or_one_by_one_the_lines_are_the_same(db, settings, algorithm, chains):
    settings.JOURNAL_HASH = algorithm
    with transaction.atomic():
        for number, acts in enumerate(chains):
            for position, past in enumerate(acts):
                append(
                    act=past.act,
                    subject=Subject("case", str(number)),
                    by=past.by,
                    at=past.at,
                    facts=past.facts,
                    new=position == 0,
                )
        one_by_one = told()
        transaction.set_rollback(True)
    with transaction.atomic():
        written = write_chains((Subject("case", str(number)), acts) for number, acts in enumerate(chains))
        in_bulk = told()
        transaction.set_rollback(True)
    assert in_bulk == one_by_one
    assert written == sum(len(acts) for acts in chains)


def told():
    lines = Line.objects.order_by("subject_id", "seq")
    heads = Head.objects.order_by("subject_id")
    return [
        [
            (
                line.subject, line.seq, line.act, line.by, line.facts, line.at, bytes(line.canonical),
                line.algorithm, bytes(line.previous_hash), bytes(line.hash),
            )
            for line in lines
        ],
        [(head.subject_id, head.seq, bytes(head.hash), head.sealed_seq) for head in heads],
    ]  # fmt: skip


def test_a_bulk_written_chain_is_sound_and_goes_on(db):
    write_chain(CASE, 3)
    assert write(CASE).seq == 4
    assert verify_journal().sound


def test_bulk_writing_leaves_no_wakeups(db):
    write_chain(CASE, 3)
    assert not Wakeup.objects.exists()


def test_a_subject_that_has_a_chain_is_refused_and_nothing_is_written(db):
    write(CASE)
    with pytest.raises(IntegrityError):
        write_chain(CASE, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        write_chains([(OTHER, [PastAct("a.b", CHEN, AT, {})]), (CASE, [PastAct("a.b", CHEN, AT, {})])])
    assert Line.objects.count() == 1


def test_a_subject_without_acts_leaves_nothing(db):
    assert write_chains([(CASE, [])]) == 0
    assert not Head.objects.exists()


def test_free_text_is_refused_in_bulk_too(db):
    with pytest.raises(ValueError, match="free text"), transaction.atomic():
        write_chains([(CASE, [PastAct("a.b", CHEN, AT, {"note": "楼道灯不亮"})])])


@pytest.mark.django_db(transaction=True)
def test_tampering_with_bulk_written_lines_is_found():
    write_chain(CASE, 3)
    with the_owner() as connection:
        assert connection.execute("SELECT count(*) FROM journal_line").fetchone() == (3,)
    tamper("UPDATE journal_line SET facts = '{}' WHERE seq = 2")
    assert [finding.where for finding in verify_journal().findings] == [f"{CASE}#2"]
