"""What a line may hold: it can never be erased, so nothing that may have to be."""

import json
from datetime import date, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.journal.makers import AT, CASE, CHEN, write
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.canonical import canonical_bytes, check_facts, check_line, iso_utc
from wangge.foundation.journal.models import Line

REFUSED = {
    "what a resident wrote": "楼道灯不亮",
    "an English sentence": "the light is out",
    "a line break": "a\nb",
    "a very long code": "x" * 161,
    "a mobile number": "13912345678",
    "a mobile number in a code": "tel:13912345678",
    "a mobile number as a number": 13912345678,
    "an identity number": "11010519491231002X",
    "an identity number as a number": 110105194912310021,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "a float the database would write in full": 1e22,
    "minus nothing": -0.0,
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("wrap", [lambda v: {"a": v}, lambda v: {"a": ["b", v]}, lambda v: {"a": {"b": v}}])
def test_facts_refuse(value, wrap):
    with pytest.raises(ValueError, match="facts"):
        check_facts(wrap(value))


@pytest.mark.parametrize("value", [b"bytes", date(2026, 3, 6), AT, Decimal(1), {"a"}, object()])
def test_facts_refuse_what_json_cannot_carry(value):
    with pytest.raises(TypeError, match="JSON cannot carry"):
        check_facts({"a": value})


@pytest.mark.parametrize("key", ["备注", "my note", "13912345678"])
def test_facts_refuse_free_text_as_a_name(key):
    with pytest.raises(ValueError, match="a key of facts"):
        check_facts({key: 1})


def test_facts_refuse_a_name_that_is_no_string():
    with pytest.raises(TypeError, match="key"):
        check_facts({5: 1})


@pytest.mark.parametrize("facts", [["a"], "a", 5, None])
def test_facts_are_a_dict(facts):
    with pytest.raises(TypeError, match="facts are a dict"):
        check_line(subject=CASE, act="a.b", by=CHEN, facts=facts)


def test_a_refusal_does_not_repeat_what_was_refused():
    with pytest.raises(ValueError, match="free text") as refusal:
        check_facts({"a": "王小二家漏水"})
    assert "王小二" not in str(refusal.value)


@pytest.mark.parametrize(
    "value",
    [
        "230717001001003",
        "23071910020100205",
        "230717-20260306-00017",
        "2026-03-06T08:00:00.000000Z",
        "2026-03-06T16:00:00+08:00",
        "4wh",
        "",
        "3f" * 32,
        "a13912345678b",
        "00000000-0000-4000-8000-139123456780",
        0,
        -3,
        2**62,
        0.87,
        1e-7,
        True,
        None,
        ["a", 1],
        {"a": {"b": [1.5, None]}},
    ],
)
def test_facts_accept_ids_codes_numbers_moments_and_digests(value):
    check_facts({"a": value})


NAMED = [
    Actor("user", "7", "陈晨"),
    Actor("user", "7", "Chen Chen"),
    Actor("user", "13912345678"),
    Actor("user", "7", "chen", "post", "31", "朝阳街道指挥员"),
]


@pytest.mark.parametrize("by", NAMED)
def test_an_actor_is_a_code_and_never_a_name_or_a_number_of_a_person(db, by):
    with pytest.raises(ValueError, match=r"actor|post"):
        write(by=by)
    assert not Line.objects.exists()


@pytest.mark.parametrize("subject", [Subject("诉求", "1"), Subject("resident", "13912345678")])
def test_a_subject_is_a_code(db, subject):
    with pytest.raises(ValueError, match="subject"):
        write(subject)


def test_a_moment_is_written_in_one_way():
    assert iso_utc(AT) == "2026-03-06T08:00:00.000000Z"
    assert iso_utc(AT.astimezone(timezone(timedelta(hours=8)))) == "2026-03-06T08:00:00.000000Z"


codes = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
facts = st.dictionaries(
    codes,
    st.recursive(
        codes | numbers, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(codes, inner, max_size=3)
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts)
def test_what_is_accepted_comes_back_from_the_database_as_the_same_bytes(db, told):
    """Else a sound line would be found changed one day."""
    try:
        check_facts(told)
    except ValueError:
        return  # refused: nothing is written, nothing can differ
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(told, ensure_ascii=False)])
        stored = json.loads(cursor.fetchone()[0])
    as_written, as_read = (
        canonical_bytes(subject=CASE, seq=1, act="a.b", by=CHEN, facts=each, at=AT) for each in (told, stored)
    )
    assert as_written == as_read
