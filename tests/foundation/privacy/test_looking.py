"""Plain values come with a purpose, leave a trace, and the person concerned can read that trace."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.hashing import salted_digest
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.actions import (
    UnableToReveal,
    erase_identity,
    forget_old_looks,
    keep_identity,
    reveal,
    reveal_many,
    show_to_owner,
)
from wangge.foundation.privacy.models import Look
from wangge.foundation.privacy.queries import looks_at, retention
from wangge.foundation.privacy.sealing import UnableToUnseal

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
CASE = Subject("case", "230717-20260306-00017")
WU = Actor("user", "17", "wu", post_kind="post", post_id="31", post_label="230717-housing/department_handler")
LIN = Actor("requester", "230717-20260306-00017")
ID_NUMBER = "230717199001011238"
pytestmark = pytest.mark.django_db


@pytest.fixture
def lin():
    return keep_identity(
        name="林小河", phone="138 0000 1234", address="幸福小区3栋", id_number=ID_NUMBER, at=AT
    )


def open_it(lin, **changes):
    asked = {"identity": lin, "fields": ["phone"], "by": WU, "purpose": "contact", "about": CASE, "at": AT}
    return reveal(**{**asked, **changes})


def refused(lin, code, **changes):
    with pytest.raises(UnableToReveal) as refusal:
        open_it(lin, **changes)
    assert refusal.value.code == code
    assert not Look.objects.exists()
    assert not Line.objects.exists()


def test_a_purpose_opens_what_was_asked_for_and_no_more(lin):
    assert open_it(lin) == {"phone": "138 0000 1234"}
    assert open_it(lin, fields=["name", "address"]) == {"name": "林小河", "address": "幸福小区3栋"}


def test_what_was_not_given_is_empty():
    unnamed = keep_identity(phone="13800001234", at=AT)
    assert open_it(unnamed, fields=["name"]) == {"name": ""}


def test_the_case_says_that_somebody_looked_without_saying_what_was_seen(lin):
    open_it(lin, purpose="supervision", reason="居民来电 13800001234 投诉没人联系")
    (line,) = lines_of(CASE)
    look = Look.objects.get()
    assert line.act == "identity.revealed"
    assert line.by.id == "17"
    assert line.facts == {
        "identity": lin.pk,
        "look": look.pk,
        "fields": ["phone"],
        "purpose": "supervision",
        "reason_digest": salted_digest(look.reason, look.reason_salt),
    }
    assert b"1380000" not in bytes(line.canonical)


def test_a_number_in_the_reason_is_masked(lin):
    open_it(lin, purpose="supervision", reason="居民来电 13800001234 投诉")
    assert Look.objects.get().reason == "居民来电 138****1234 投诉"


@pytest.mark.parametrize("purpose", ["", "curiosity", "own"])
def test_without_a_purpose_of_the_list_nothing_opens(lin, purpose):
    refused(lin, "purpose_missing", purpose=purpose)


@pytest.mark.parametrize("purpose", ["supervision", "emergency", "data_rights", "legal_duty"])
@pytest.mark.parametrize("reason", ["", "  ", "看看"])
def test_a_broad_purpose_needs_a_reason_in_words(lin, purpose, reason):
    refused(lin, "reason_missing", purpose=purpose, reason=reason)
    assert open_it(lin, purpose=purpose, reason="居民投诉没有人联系")


def test_an_identity_number_always_needs_a_reason(lin):
    refused(lin, "reason_missing", fields=["id_number", "name"])
    opened = open_it(lin, fields=["id_number"], reason="核对供热补贴申请人")
    assert opened == {"id_number": ID_NUMBER}


@pytest.mark.parametrize("fields", [[], ["password"], ["phone", "phone_index"]])
def test_only_the_four_fields_can_be_asked_for(lin, fields):
    refused(lin, "field_unknown", fields=fields)


def test_a_whistle_blower_is_opened_only_to_whom_the_room_clears():
    hidden = keep_identity(name="林小河", phone="13800001234", confidential=True, at=AT)
    refused(hidden, "confidential")
    assert open_it(hidden, purpose="callback", confidential_cleared=True) == {"phone": "13800001234"}


def test_if_the_act_fails_the_trace_goes_with_it(lin):
    with transaction.atomic():
        open_it(lin)
        transaction.set_rollback(True)
    assert not Look.objects.exists()
    assert not Line.objects.exists()


def test_a_value_that_was_tampered_with_is_not_shown(lin):
    other = keep_identity(phone="13900005678", at=AT)
    type(lin).objects.filter(pk=lin.pk).update(name=other.phone)
    lin.refresh_from_db()
    with pytest.raises(UnableToUnseal):
        open_it(lin, fields=["name"])


def test_a_person_sees_role_purpose_and_time_of_each_look_but_no_name(lin):
    open_it(lin)
    open_it(lin, purpose="visit", at=AT + timedelta(hours=1))
    newest, oldest = looks_at([lin])
    assert (newest.role_label, newest.post_id) == ("230717-housing/department_handler", "31")
    assert (newest.purpose, newest.at) == ("visit", AT + timedelta(hours=1))
    assert oldest.at == AT
    assert (newest.about_kind, newest.about_id) == ("case", CASE.id)
    assert newest.purpose_label
    assert not {"actor_id", "actor_label", "name"} & set(vars(newest))
    assert "wu" not in vars(newest).values()


def test_somebody_without_a_post_is_named_by_kind_and_not_by_account(lin):
    open_it(lin, by=WU.without_post())
    assert looks_at([lin])[0].role_label == "user"


def test_the_looks_at_others_are_not_among_them(lin):
    other = keep_identity(phone="13900005678", at=AT)
    open_it(other)
    assert looks_at([lin]) == []


def test_a_person_opens_their_own_data_and_does_not_appear_in_their_own_list(lin):
    own = show_to_owner(identity=lin, fields=["name", "phone"], by=LIN, about=CASE, at=AT)
    assert own == {"name": "林小河", "phone": "138 0000 1234"}
    assert looks_at([lin]) == []
    assert Look.objects.get().purpose == "own"
    assert not Line.objects.exists()


def test_after_erasing_nothing_is_left_to_read_but_who_looked(lin):
    open_it(lin, purpose="emergency", reason="高空坠物，需立即联系")
    assert erase_identity(identity=lin, by=Actor.system("timetable"), about=CASE, at=AT + timedelta(days=730))
    lin.refresh_from_db()
    assert not any(getattr(lin, field) for field in lin.SEALED)
    assert (lin.phone_index, lin.id_index, lin.name_masked, lin.phone_masked) == (None, None, "", "")
    assert (lin.address_masked, lin.id_masked) == ("", "")
    assert [line.act for line in lines_of(CASE)] == ["identity.revealed", "identity.erased"]
    assert [look.purpose for look in looks_at([lin])] == ["emergency"]
    assert Look.objects.get().reason == ""


def test_erasing_twice_is_erasing_once(lin):
    asked = {"identity": lin, "by": Actor.system("timetable"), "about": CASE}
    assert erase_identity(**asked, at=AT)
    assert not erase_identity(**asked, at=AT + timedelta(days=1))
    lin.refresh_from_db()
    assert lin.erased_at == AT
    assert lines_of(CASE).count() == 1


def test_an_erased_identity_is_not_opened_to_anybody(lin):
    erase_identity(identity=lin, by=Actor.system("timetable"), about=CASE, at=AT)
    with pytest.raises(UnableToReveal) as refusal:
        open_it(lin)
    assert refusal.value.code == "erased"
    with pytest.raises(UnableToReveal):
        show_to_owner(identity=lin, fields=["name"], by=LIN, about=CASE, at=AT)


def test_looks_are_kept_for_three_years(lin):
    open_it(lin)
    open_it(lin, at=AT + timedelta(days=10))
    kept = retention("look")
    assert kept == timedelta(days=1095)
    assert forget_old_looks(at=AT + kept + timedelta(days=5)) == 1
    assert [look.at for look in looks_at([lin])] == [AT + timedelta(days=10)]


# --- lists -------------------------------------------------------------------------------------------


def open_all(identities, **changes):
    wanted = [(one, Subject("case", f"230717-20260306-{n:05}")) for n, one in enumerate(identities)]
    asked = {
        "wanted": wanted, "fields": ["name", "phone"], "by": WU, "purpose": "contact",
        "reason": "停水逐户通知", "at": AT,
    }  # fmt: skip
    return reveal_many(**{**asked, **changes})


def test_a_list_opens_in_its_order_with_a_look_and_a_line_for_each(lin):
    other = keep_identity(name="王海", phone="13900001234", at=AT)
    told = open_all([other, lin])
    assert [one["name"] for one in told] == ["王海", "林小河"]
    assert Look.objects.count() == Line.objects.filter(act="identity.revealed").count() == 2
    line = lines_of(Subject("case", "230717-20260306-00001")).get()
    look = Look.objects.get(identity=lin)
    assert (line.facts["look"], line.facts["identity"]) == (look.pk, lin.pk)
    assert line.facts["reason_digest"] == salted_digest("停水逐户通知", look.reason_salt)
    assert [one.purpose for one in looks_at([lin])] == ["contact"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": "own"}, "purpose_missing"), ({"reason": ""}, "reason_missing"),
        ({"fields": ["id_number"]}, "confidential"), ({"fields": []}, "field_unknown"),
    ],
)  # fmt: skip
def test_a_list_is_refused_whole(lin, changes, code):
    with pytest.raises(UnableToReveal) as refusal:
        open_all([lin], **changes)
    assert refusal.value.code == code
    assert not Look.objects.exists()


def test_what_is_confidential_or_erased_is_on_no_list(lin):
    secret = keep_identity(name="匿名", confidential=True, at=AT)
    gone = keep_identity(name="王海", at=AT)
    erase_identity(identity=gone, by=WU, about=CASE, at=AT)
    for one, code in ((secret, "confidential"), (gone, "erased")):
        with pytest.raises(UnableToReveal) as refusal:
            open_all([lin, one])
        assert refusal.value.code == code
    assert not Look.objects.exists()
