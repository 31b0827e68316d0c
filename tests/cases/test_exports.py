"""Lists with identities: asked for with a purpose, answered by a second person, fetched once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

import makers
import town as places
from town import Person, Town
from wangge.cases import exports
from wangge.cases.exports import UnableToExport
from wangge.cases.limits import forget_configuration
from wangge.cases.models import CaseRule, ExportRequest, ExportState
from wangge.cases.queries import Filters
from wangge.cases.states import State
from wangge.foundation.journal.models import Line
from wangge.foundation.privacy.actions import erase_identity
from wangge.foundation.privacy.models import Look
from wangge.foundation.privacy.queries import looks_at

HOUR = timedelta(hours=1)


def asked(
    town: Town, by: Person | None = None, *, filters: Filters | None = None, **more: str
) -> ExportRequest:
    told = {"what": "cases", "purpose": "contact", "reason": "供水抢修逐户通知", **more}
    return exports.request_export(
        by=(by or town.chen).holder, at=town.at + HOUR, filters=filters or Filters(), **told
    )


def approved(town: Town, request: ExportRequest) -> ExportRequest:
    return exports.approve_export(request_id=request.pk, by=town.peng.holder, at=town.at + 2 * HOUR)


def fetched(
    town: Town, request: ExportRequest, by: Person | None = None, after: int = 3
) -> list[exports.Exported]:
    return exports.make_export(request_id=request.pk, by=(by or town.chen).holder, at=town.at + after * HOUR)


def code_of(refused: pytest.ExceptionInfo[UnableToExport]) -> str:
    return refused.value.code


# --- the way it goes ---------------------------------------------------------------------------------


def test_asked_approved_fetched_once_and_told_to_everybody_on_it(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    assert (request.state, request.count) == (ExportState.ASKED, 1)
    approved(town, request)
    (one,) = fetched(town, request)
    assert one.identity == {"name": "林秀英", "phone": "10000001001", "address": "林都花园3号楼2单元501室"}
    request.refresh_from_db()
    assert (request.state, request.rows, request.identities) == (ExportState.MADE, 1, 1)
    look = Look.objects.get(about_id=case.number)
    assert (look.purpose, look.reason) == ("contact", "供水抢修逐户通知")
    assert sorted(look.fields) == ["address", "name", "phone"]
    (told,) = looks_at([case.requester])
    assert told.purpose == "contact"
    acts = list(Line.objects.filter(subject_kind="export").order_by("seq").values_list("act", flat=True))
    assert acts == ["export.requested", "export.approved", "export.made"]
    assert Line.objects.filter(subject_id=case.number, act="identity.revealed").count() == 1


def test_no_line_holds_what_was_asked_for_or_found(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town, filters=Filters(words="路灯"))
    approved(town, request)
    fetched(town, request)
    for line in Line.objects.filter(act__startswith="export."):
        told = bytes(line.canonical).decode()
        for words in ("路灯", "供水", "林", "10000001001"):
            assert words not in told
    request.refresh_from_db()
    assert str(request.filters) == "•••"


def test_the_list_is_the_one_that_was_asked_for(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    approved(town, request)
    makers.make_case(town, State.IN_PROGRESS)  # came later
    assert len(fetched(town, request)) == 1


def test_a_contact_opens_only_where_it_would_on_the_page_of_its_case(town: Town) -> None:
    """A department's lead sees contacts from signing to the end, and of confidential reports none."""
    signed = makers.make_case(town, State.IN_PROGRESS)
    makers.make_case(town, State.DISPATCHED)
    makers.make_case(town, State.CLOSED)
    makers.make_case(town, State.IN_PROGRESS, confidential=True)
    makers.make_case(town, State.IN_PROGRESS, anonymous=True, contact=None)
    gone = makers.make_case(town, State.IN_PROGRESS)
    assert gone.requester is not None
    erase_identity(identity=gone.requester, by=town.chen.holder, about=gone.subject, at=town.at + HOUR)
    request = asked(town, town.zheng)
    approved(town, request)
    rows = fetched(town, request, town.zheng)
    assert len(rows) == 6
    assert [one.case.number for one in rows if one.identity] == [signed.number]
    assert Look.objects.count() == 1


def test_even_intake_takes_no_confidential_contact_along(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS, confidential=True)
    request = asked(town)
    approved(town, request)
    (one,) = fetched(town, request)
    assert one.identity == {}


# --- asking ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["wu", "song", "tang", "zhao", "cai", "peng", "lu", "zhou", "he", "lin"])
def test_other_posts_may_not_ask(town: Town, who: str) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    with pytest.raises(UnableToExport) as refused:
        asked(town, town.people[who])
    assert code_of(refused) == "wrong_role"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"purpose": ""}, "purpose_missing"), ({"purpose": "own"}, "purpose_missing"),
        ({"purpose": "service"}, "purpose_missing"), ({"reason": " 因 "}, "reason_missing"),
        ({"what": "looks"}, "wrong_list"),
    ],
)  # fmt: skip
def test_what_a_request_must_say(town: Town, told: dict[str, str], code: str) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    with pytest.raises(UnableToExport) as refused:
        asked(town, **told)
    assert code_of(refused) == code
    assert not ExportRequest.objects.exists()


def test_an_empty_list_is_not_asked_for(town: Town) -> None:
    makers.make_case(town, area_code=places.OTHER_GRID, place_words="翠峦")
    with pytest.raises(UnableToExport) as refused:
        asked(town)
    assert code_of(refused) == "empty"


def test_a_list_has_a_most(town: Town) -> None:
    CaseRule.objects.filter(key="export_most").update(value="1")
    forget_configuration()
    try:
        makers.make_case(town, State.IN_PROGRESS)
        makers.make_case(town, State.IN_PROGRESS)
        with pytest.raises(UnableToExport) as refused:
            asked(town)
    finally:
        CaseRule.objects.filter(key="export_most").update(value="2000")
        forget_configuration()
    assert code_of(refused) == "too_many"


def test_a_reason_is_kept_without_the_phone_it_quotes(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    assert "13812345678" not in asked(town, reason="回复13812345678的来电").reason


# --- answering ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["chen", "tang", "zheng", "song", "cai", "lu", "jiang"])
def test_only_the_privacy_officer_answers(town: Town, who: str) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    by = town.people[who].holder
    with pytest.raises(UnableToExport) as refused:
        exports.approve_export(request_id=request.pk, by=by, at=town.at + 2 * HOUR)
    assert code_of(refused) == "wrong_role"
    with pytest.raises(UnableToExport) as refused:
        exports.refuse_export(request_id=request.pk, by=by, at=town.at + 2 * HOUR, reason="没有必要")
    assert code_of(refused) == "wrong_role"


def test_nobody_answers_their_own_request_from_another_post(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    both = replace(town.peng.holder, id=town.chen.holder.id, user_id=town.chen.holder.user_id)
    with pytest.raises(UnableToExport) as refused:
        exports.approve_export(request_id=request.pk, by=both, at=town.at + 2 * HOUR)
    assert code_of(refused) == "own_request"


def test_the_database_knows_no_own_approval_either(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=request.pk).update(approver_post_id=request.asker_post_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=request.pk).update(state=ExportState.APPROVED)


def test_an_officer_of_another_district_does_not_find_it(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    elsewhere = replace(town.peng.holder, area_prefix=places.OTHER_DISTRICT)
    with pytest.raises(UnableToExport) as refused:
        exports.approve_export(request_id=request.pk, by=elsewhere, at=town.at + 2 * HOUR)
    assert code_of(refused) == "not_found"
    assert not exports.requests_for(elsewhere).exists()


def test_a_request_is_answered_once(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    exports.refuse_export(
        request_id=request.pk, by=town.peng.holder, at=town.at + 2 * HOUR, reason="范围过大"
    )
    with pytest.raises(UnableToExport) as refused:
        approved(town, request)
    assert code_of(refused) == "answered"
    with pytest.raises(UnableToExport) as refused:
        fetched(town, request)
    assert code_of(refused) == "not_approved"


def test_a_refusal_says_why(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    with pytest.raises(UnableToExport) as refused:
        exports.refuse_export(request_id=request.pk, by=town.peng.holder, at=town.at + 2 * HOUR, reason="")
    assert code_of(refused) == "reason_missing"


# --- fetching ----------------------------------------------------------------------------------------


def test_it_is_fetched_once(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    with pytest.raises(UnableToExport) as refused:
        fetched(town, request)
    assert code_of(refused) == "not_approved"
    approved(town, request)
    fetched(town, request)
    with pytest.raises(UnableToExport) as refused:
        fetched(town, request, after=4)
    assert code_of(refused) == "twice"
    assert Look.objects.count() == 1


@pytest.mark.parametrize("who", ["peng", "bai", "zheng", "fang", "xu"])
def test_nobody_fetches_what_another_asked_for(town: Town, who: str) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    approved(town, request)
    with pytest.raises(UnableToExport) as refused:
        fetched(town, request, town.people[who])
    assert code_of(refused) == ("wrong_role" if who == "peng" else "not_found")
    assert not Look.objects.exists()


def test_a_day_after_approval_it_is_too_late(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    approved(town, request)
    for _ in range(2):
        with pytest.raises(UnableToExport) as refused:
            fetched(town, request, after=2 + 24)
        assert code_of(refused) == "expired"
        exports.expire_exports(town.at + 27 * HOUR)
    request.refresh_from_db()
    assert request.state == ExportState.EXPIRED
    assert Line.objects.filter(act="export.expired").count() == 1


def test_what_nobody_answers_runs_out(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    late = town.at + timedelta(days=8)
    for _ in range(2):
        with pytest.raises(UnableToExport) as refused:
            exports.approve_export(request_id=request.pk, by=town.peng.holder, at=late)
        assert code_of(refused) == "expired"
        exports.expire_exports(late)
    assert exports.expire_exports(late) == 0


def test_every_contact_of_a_list_is_a_look_of_its_own(town: Town) -> None:
    for _ in range(5):
        makers.make_case(town, State.IN_PROGRESS)
    request = asked(town)
    approved(town, request)
    rows = fetched(town, request)
    assert len(rows) == Look.objects.count() == Line.objects.filter(act="identity.revealed").count() == 5
    assert set(Look.objects.values_list("about_id", flat=True)) == {one.case.number for one in rows}
