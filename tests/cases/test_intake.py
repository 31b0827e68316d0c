"""A request is taken in: once, with its number, its promise, its first line, and no identity in clear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import town as places
from makers import LIN, TEXT, make_case, make_photo
from town import MORNING, Town
from wangge.cases.access import NoSuchCase, case_by_receipt, requester_of
from wangge.cases.intake import (
    RECEIPT_LETTERS,
    Contact,
    KeyUsedForAnother,
    Place,
    Registered,
    UnableToRegister,
    place_at,
    register_case,
    take_number,
    title_of,
)
from wangge.cases.models import Attachment, Case, CaseCounter
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.foundation.files.actions import store_photo
from wangge.foundation.journal.hashing import salted_digest
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.actions import UnableToKeepIdentity
from wangge.foundation.privacy.models import Identity
from wangge.foundation.refusals import Refusal
from wangge.territory.grids import retire_grid


def register(town: Town, **told: Any) -> Registered:
    given: dict[str, Any] = {
        "by": town.lin.holder,
        "at": MORNING,
        "text": TEXT,
        "place": Place(places.GRID, "林都花园3号楼前"),
        "channel": Channel.APP,
        "contact": LIN,
    }
    return register_case(**{**given, **told})


def test_a_request_becomes_a_case_with_a_number_and_a_promise(town: Town) -> None:
    case = register(town).case
    assert case.number == "230717-20260306-00001"
    assert case.state == State.REGISTERED
    assert (case.version, case.registered_at) == (1, MORNING)
    assert case.dispatch_due_at == MORNING + timedelta(hours=24)
    assert (case.district, case.town, case.community, case.grid) == (
        places.DISTRICT, places.STREET, places.COMMUNITY, places.GRID,
    )  # fmt: skip
    assert case.requester_user == town.lin.user
    assert case.title == "林都花园3号楼前的路灯三天没亮了，晚上老人下楼看不清路"
    [line] = lines_of(case.subject)
    assert (line.act, line.seq, line.at, line.by) == ("case.registered", 1, MORNING, town.lin.holder.bare())
    assert line.facts["area"] == places.GRID
    assert line.facts["digest"] == salted_digest(case.text, case.salt)


@pytest.mark.parametrize(
    ("priority", "promise"),
    [
        ("emergency", timedelta(hours=1)),
        ("urgent", timedelta(hours=2)),
        ("normal", timedelta(hours=24)),
        ("complex", timedelta(hours=24)),
    ],
)
def test_the_promise_follows_the_priority(town: Town, priority: str, promise: timedelta) -> None:
    assert register(town, priority=priority).case.dispatch_due_at == MORNING + promise


def test_a_photo_comes_along_and_is_kept(town: Town) -> None:
    photo = store_photo(make_photo(), at=MORNING)
    case = register(town, photos=[photo]).case
    photo.refresh_from_db()
    assert Attachment.objects.get(case=case).file == photo
    assert photo.claimed_at == MORNING
    assert lines_of(case.subject)[0].facts["photos"] == [photo.digest]


# --- numbers ---


def test_the_day_of_a_number_is_the_day_in_yichun(town: Town) -> None:
    assert register(town, at=datetime(2026, 3, 6, 15, 59, tzinfo=UTC)).case.number[7:15] == "20260306"
    assert register(town, at=datetime(2026, 3, 6, 16, 0, tzinfo=UTC)).case.number[7:15] == "20260307"


def test_numbers_count_by_district_and_day(town: Town) -> None:
    numbers = [
        register(town, at=at, place=Place(area)).case.number
        for at, area in [
            (MORNING, places.GRID),
            (MORNING, places.NEXT_GRID),
            (MORNING, places.OTHER_GRID),
            (MORNING + timedelta(days=1), places.GRID),
        ]
    ]
    assert numbers == [
        "230717-20260306-00001", "230717-20260306-00002", "230718-20260306-00001", "230717-20260307-00001",
    ]  # fmt: skip


def test_numbers_grow_wider_past_the_last_of_five_digits(town: Town) -> None:
    CaseCounter.objects.create(district=places.DISTRICT, day=MORNING.date(), last=99_998)
    assert register(town).case.number == "230717-20260306-99999"
    assert register(town).case.number == "230717-20260306-100000"
    assert take_number(district=places.DISTRICT, day=MORNING.date()) == "230717-20260306-100001"


def test_a_number_taken_for_nothing_leaves_a_gap(town: Town) -> None:
    first = register(town).case.number
    with pytest.raises(UnableToKeepIdentity):
        register(town, contact=Contact(phone="请勿来电"))
    assert (first, register(town).case.number) == ("230717-20260306-00001", "230717-20260306-00003")


# --- once ---


def test_the_same_key_with_the_same_content_is_the_same_case(town: Town) -> None:
    first = register(town, client_key="form-1")
    again = register(town, client_key="form-1", at=MORNING + timedelta(minutes=5))
    assert (first.created, again.created) == (True, False)
    assert again.case == first.case
    assert Case.objects.count() == lines_of(first.case.subject).count() == 1
    assert register(town, client_key="form-2").created
    assert register(town).created


@pytest.mark.parametrize(
    "change",
    [
        {"text": "路灯又亮了，谢谢。"},
        {"place": Place(places.SECOND_GRID, "林都花园3号楼前")},
        {"place": Place(places.GRID, "4号楼")},
        {"channel": Channel.QR},
        {"contact": Contact(name="林秀英", phone="10000001002")},
        {"contact": None},
        {"anonymous": True},
        {"confidential": True},
        {"request_type": "report"},
    ],
)
def test_the_same_key_with_other_content_is_refused(town: Town, change: dict[str, Any]) -> None:
    first = register(town, client_key="form-1").case
    with pytest.raises(KeyUsedForAnother) as refusal:
        register(town, client_key="form-1", **change)
    assert refusal.value.code == "key_used"
    assert first.number in str(refusal.value)
    assert Case.objects.count() == 1


def test_a_number_of_another_system_belongs_to_one_case(town: Town) -> None:
    told = {"by": town.chen.holder, "channel": Channel.HOTLINE_12345, "external_no": "SX2026030600123"}
    first = register(town, **told)
    again = register(town, **told, text="同一工单，重新推送。")
    assert (again.created, again.case) == (False, first.case)
    assert first.case.source_system == "hotline_12345"
    # The same number in another system is another's.
    assert register(town, **told, source_system="city_platform").created


# --- what cannot be taken ---


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "  \n "}, "text"),
        ({"text": "\x00"}, "text"),
        ({"text": "长" * 4001}, "text"),
        ({"channel": "telegram"}, "channel"),
        ({"request_type": "praise"}, "request_type"),
        ({"priority": "vip"}, "priority"),
        ({"place": Place("")}, "place"),
        ({"place": Place("230700")}, "place"),
        ({"place": Place("230717999")}, "place"),
        ({"place": Place("230717001001009")}, "place"),
        ({"place": Place("２３０７１７")}, "place"),
        ({"place": Place("230717'; --")}, "place"),
        ({"place": Place(places.GRID, "长" * 201)}, "place"),
        ({"client_key": "k" * 81}, "client_key"),
        ({"client_key": "\x00"}, "client_key"),
        ({"external_no": "9" * 81}, "external_no"),
        ({"external_no": "138 0000 1234"}, "external_no"),
        ({"client_key": "13800001234"}, "client_key"),
        ({"external_no": "1", "source_system": "s" * 41}, "source_system"),
    ],
)
def test_what_must_be_mended_is_named(town: Town, change: dict[str, Any], field: str) -> None:
    by = town.lin.holder if change.get("channel") is None else town.chen.holder
    with pytest.raises(Refusal) as refusal:
        register(town, by=by, **change)
    if isinstance(refusal.value, UnableToRegister):
        assert refusal.value.field == field
    else:
        assert refusal.value.code in {"wrong_role", "wrong_area"}
    assert not Case.objects.exists()
    assert not Line.objects.filter(act="case.registered").exists()
    assert not Identity.objects.exists()


def test_a_grid_that_is_no_more_takes_no_new_case(town: Town) -> None:
    retire_grid(code=places.THIRD_GRID, by=places.FOUNDER, at=MORNING)
    with pytest.raises(UnableToRegister):
        register(town, place=Place(places.THIRD_GRID))
    assert register(town, place=Place(places.SECOND_COMMUNITY)).created


# --- where ---


def test_a_point_names_its_grid_and_words_only_what_they_name(town: Town) -> None:
    lon, lat = places.point_in(places.SECOND_GRID)
    found = place_at(words="路口", lon=lon, lat=lat, area_code=places.DISTRICT)
    assert (found.area_code, found.confidence) == (places.SECOND_GRID, 1.0)
    outside = place_at(words="路口", lon=100.0, lat=30.0, area_code=places.DISTRICT)
    assert (outside.area_code, outside.confidence) == (places.DISTRICT, 0.5)
    named = place_at(words="路口", lon=None, lat=None, area_code=places.STREET)
    assert (named.area_code, named.confidence) == (places.STREET, 1.0)


# --- nobody in clear ---


def test_phones_and_id_numbers_in_the_text_are_masked_before_anything_is_kept(town: Town) -> None:
    case = register(
        town,
        text="我叫林秀英，电话13800001234，身份证230702199001011239，楼道灯坏了。",
        title="请回13800001234",
        place=Place(places.GRID, "3号楼，找13800001234"),
    ).case
    case = Case.objects.get(pk=case.pk)
    [line] = lines_of(case.subject)
    for told in (
        case.text,
        case.title,
        case.place,
        str(case.search),
        bytes(line.canonical).decode(),
        str(line.facts),
    ):
        assert "13800001234" not in told
        assert "230702199001011239" not in told
    assert "138****1234" in case.text


def test_the_contact_is_sealed_and_stands_in_no_line(town: Town) -> None:
    case = register(town).case
    assert case.requester is not None
    assert (case.requester.phone_masked, case.requester.name_masked) == ("100****1001", "林*")
    assert case.requester.phone.unseal() == LIN.phone
    said = "".join(bytes(line.canonical).decode() for line in Line.objects.all())
    for secret in (LIN.name, LIN.phone, LIN.address, case.lookup_secret.unseal()):
        assert secret not in said
    assert LIN.phone not in repr(LIN)


def test_who_stays_anonymous_is_nowhere(town: Town) -> None:
    case = register(town, anonymous=True).case
    assert (case.requester, case.requester_user) == (None, None)
    assert not Identity.objects.exists()
    [line] = lines_of(case.subject)
    assert (line.actor_kind, line.actor_id, line.post_label, line.post_id) == ("public", "anonymous", "", "")
    assert town.lin.username not in bytes(line.canonical).decode()


def test_a_clerk_who_writes_down_an_anonymous_call_is_named(town: Town) -> None:
    case = register(town, by=town.chen.holder, channel=Channel.HOTLINE_12345, anonymous=True).case
    [line] = lines_of(case.subject)
    assert line.actor_id == town.chen.holder.id
    assert case.requester is None


def test_the_journal_does_not_tell_who_made_a_confidential_report(town: Town) -> None:
    case = register(town, confidential=True).case
    [line] = lines_of(case.subject)
    assert (line.actor_kind, line.actor_id, line.post_label) == ("requester", case.number, "")
    assert case.requester_user == town.lin.user  # Lin follows it all the same
    assert case.requester is not None
    assert case.requester.confidential


# --- the receipt ---


def test_number_and_secret_open_a_case_and_nothing_else_does(town: Town) -> None:
    case = register(town, anonymous=True).case
    secret = case.lookup_secret.unseal()
    assert len(secret) == 6
    assert set(secret) <= set(RECEIPT_LETTERS)
    assert case_by_receipt(f" {case.number} ", secret.lower(), at=MORNING) == case
    assert requester_of(case).id == case.number
    for number, given_secret in [
        (case.number, ""),
        (case.number, "WRONG1"),
        (case.number, secret + "A"),
        (case.number, "秘密字号一二"),
        ("230717-20260306-99999", secret),
        ("\x00", secret),
    ]:
        with pytest.raises(NoSuchCase):
            case_by_receipt(number, given_secret, at=MORNING)


def test_a_receipt_opens_the_case_for_a_year_after_its_end(town: Town) -> None:
    case = make_case(town, State.CLOSED)
    secret = case.lookup_secret.unseal()
    assert case_by_receipt(case.number, secret, at=case.ended_at + timedelta(days=365)) == case
    with pytest.raises(NoSuchCase):
        case_by_receipt(case.number, secret, at=case.ended_at + timedelta(days=365, seconds=1))


# --- titles ---


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("路灯坏了。三天了。", "路灯坏了"),
        ("急！路灯坏了，三天没人管", "急！路灯坏了，三天没人管"),
        ("Street lamp out", "Street lamp out"),
        ("很" * 40, "很" * 29 + "…"),
    ],
)
def test_a_title_is_the_first_sentence(text: str, title: str) -> None:
    assert title_of(text) == title


@given(st.text(min_size=1, max_size=300))
def test_a_title_is_short_and_on_one_line(text: str) -> None:
    title = title_of(text)
    assert len(title) <= 30
    assert "\n" not in title
