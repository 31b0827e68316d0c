"""Every act on a case by the word of the table, with everything a willing clerk would fill in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from makers import handler_of, make_case
from town import Town
from wangge.cases import closing, dispatch, handling, screening, taking_in
from wangge.cases.access import requester_of
from wangge.cases.models import Case
from wangge.cases.words import RequestType
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.models import Line
from wangge.foundation.refusals import Refusal

TIMETABLE = Actor.system("timetable")

Told = dict[str, Any]

#: Whom the tests of this folder ask one by one: a holder of every role in Lin's street, and strangers.
CAST = (
    "lin", "ren", "tian", "shi", "zhou", "ma", "gao", "sun", "he", "xu", "zhao", "wu", "zheng", "chen",
    "tang", "fang", "han", "cao", "deng", "song", "peng", "lu", "jiang", "cai", "qian", "qin", "yu", "lei",
    "feng", "lu_civil", "bai",
)  # fmt: skip


def perform(town: Town, case: Case, act: str, *, by: Actor, at: datetime, **told: Any) -> Case:
    """Make the act; `told` overrides what is filled in. Refusals pass through."""
    function, _filled_in = ACTS[act]
    return function(by=by, case=case, at=at, **filled_in(town, case, act, at, told))


def filled_in(town: Town, case: Case, act: str, at: datetime, told: Told) -> Told:
    given = {**ACTS[act][1](town, case, at), **told}
    if act not in {"auto_sign", "archive", "end_elsewhere"}:
        given.setdefault("seen_version", case.version)
    return given


def actor_for(town: Town, case: Case, act: str) -> Actor:
    """Somebody whose business the act is, wherever this case stands now."""
    if act in {"ask_review", "rate", "reopen", "withdraw"}:
        return requester_of(case)
    if act in {"auto_sign", "archive", "end_elsewhere"}:
        return TIMETABLE
    if act in {"sign", "object", "handle", "assign_assist", "feed_back"}:
        return handler_of(town, case).holder if case.lead_unit else town.wu.holder
    return town.people[_BY.get(act, "chen")].holder


_BY = {
    "uphold": "tang", "reassign": "tang", "pause": "tang", "resume": "tang", "shelve": "tang",
    "reactivate": "tang", "extend": "zhao", "end_shelving": "song", "call_back": "fang", "assist": "xu",
}  # fmt: skip


def attempt(town: Town, case: Case, act: str, *, by: Actor, at: datetime, **told: Any) -> str:
    """ "" if the act is done, else the refusal's code; either way the case is as before afterwards.

    A refused act must have written nothing: looked at before anything is rolled back.
    """
    with transaction.atomic():
        given = filled_in(town, case, act, at, told)
        before = written(case)
        refusal = _refusal(lambda: ACTS[act][0](by=by, case=case, at=at, **given))
        unchanged = written(case) == before
        transaction.set_rollback(True)
    assert unchanged == (refusal is not None), f"{act}: {refusal!r}, wrote: {not unchanged}"
    assert refusal is None or str(refusal.message), f"{act}: {refusal!r} says nothing"
    return refusal.code if refusal else ""


def _refusal(act: Callable[[], Case]) -> Refusal | None:
    try:
        act()
    except Refusal as refusal:
        return refusal
    return None


_TABLES = ("leg", "assist", "pause", "shelving", "callbackanswer", "casenote", "attachment", "objection")


def written(case: Case) -> tuple[Any, ...]:
    """Everything an act may write, in one statement: the row, all that hangs from cases, the journal."""
    sums = [f"(SELECT coalesce(sum(hashtext(t::text)::bigint), 0) FROM cases_{table} t)" for table in _TABLES]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT c::text FROM cases_case c WHERE id = %s), {', '.join(sums)},"
            " (SELECT count(*) FROM journal_line), (SELECT count(*) FROM journal_wakeup)",
            [case.pk],
        )
        return tuple(cursor.fetchone())


def last_line(case: Case) -> Line:
    return Line.objects.filter(subject_kind="case", subject_id=case.number).order_by("-seq")[0]


def after(case: Case, **later: float) -> datetime:
    """Some time after the case's last line; a minute unless said otherwise."""
    return last_line(case).at + timedelta(**(later or {"minutes": 1}))


def case_in(town: Town, state: str, **asked: Any) -> Case:
    """A question about the lamp, in this state: of all requests the one for which most is possible."""
    return make_case(town, state, **{"request_type": RequestType.CONSULT, **asked})


def _nothing(town: Town, case: Case, at: datetime) -> Told:
    return {}


def _another(town: Town, case: Case) -> Any:
    """A body that could lead instead."""
    return town.bodies["water" if case.lead_unit != town.bodies["water"] else "urban"]


def _other_case(town: Town, case: Case, at: datetime) -> Case:
    known = Case.objects.filter(state="registered", area_code=case.area_code).exclude(pk=case.pk).first()
    return known or make_case(town, at=at, area_code=case.area_code)


def _day(at: datetime) -> date:
    return at.date()


ACTS: dict[str, tuple[Callable[..., Case], Callable[[Town, Case, datetime], Told]]] = {
    "start_screening": (screening.start_screening, _nothing),
    "inform": (
        screening.inform_requester,
        lambda town, case, at: {"reason": "out_of_scope", "advice": "请与物业公司协商。"},
    ),
    "ask_review": (screening.ask_review, lambda town, case, at: {"words": "路灯归城管局管。"}),
    "answer": (screening.answer_directly, lambda town, case, at: {"answer": "请带身份证到窗口办理。"}),
    "classify": (screening.classify_case, lambda town, case, at: {"matter": town.matters["lamp"]}),
    "merge": (
        screening.merge_case,
        lambda town, case, at: {"into": _other_case(town, case, at)},
    ),
    "dispatch": (dispatch.dispatch_case, _nothing),
    "sign": (dispatch.sign_case, _nothing),
    "auto_sign": (dispatch.auto_sign_case, _nothing),
    "object": (
        dispatch.object_to_dispatch,
        lambda town, case, at: {"ground": "not_our_duty", "explanation": "移交清单第3条。"},
    ),
    "uphold": (dispatch.uphold_dispatch, lambda town, case, at: {"ruling": "网格编码在辖区内。"}),
    "reassign": (
        dispatch.reassign_case,
        lambda town, case, at: {"unit": _another(town, case), "reason": "异议成立。"},
    ),
    "handle": (handling.log_work, lambda town, case, at: {"text": "已到现场。"}),
    "assign_assist": (
        handling.ask_assistance,
        lambda town, case, at: {"unit": town.bodies["civil"], "ask": "请协助联系住户。"},
    ),
    "assist": (handling.report_assistance, lambda town, case, at: {"text": "已联系住户。"}),
    "pause": (
        handling.pause_case,
        lambda town, case, at: {
            "reason": "waiting_for_requester",
            "planned_end_at": at + timedelta(days=1),
            "note": "等待补充房号。",
        },
    ),
    "resume": (handling.resume_case, _nothing),
    "extend": (handling.extend_case, lambda town, case, at: {"limit": "2ch", "reason": "等待配件。"}),
    "shelve": (
        handling.shelve_case,
        lambda town, case, at: {
            "reason": "season",
            "plan": "解冻后施工。",
            "resume_after_date": _day(at) + timedelta(days=60),
        },
    ),
    "reactivate": (handling.reactivate_case, _nothing),
    "end_shelving": (handling.end_shelving, lambda town, case, at: {"reason": "权属争议，经研究不予实施。"}),
    "feed_back": (handling.give_feedback, lambda town, case, at: {"text": "已更换灯泡。"}),
    "verify": (closing.ask_verification, _nothing),
    "pass": (closing.pass_case, lambda town, case, at: {"finding": "灯已亮。"}),
    "reject_feedback": (closing.reject_feedback, lambda town, case, at: {"finding": "仍不亮。"}),
    "rate": (closing.rate_case, lambda town, case, at: {"contacted": True, "solved": "solved"}),
    "call_back": (
        closing.call_back,
        lambda town, case, at: {"reached": True, "contacted": True, "solved": "solved"},
    ),
    "reopen": (closing.reopen_case, lambda town, case, at: {"words": "又不亮了。"}),
    "archive": (closing.archive_case, _nothing),
    "end_elsewhere": (taking_in.end_elsewhere, lambda town, case, at: {"ended_at": at - timedelta(hours=1)}),
    "withdraw": (closing.withdraw_case, _nothing),
}  # fmt: skip
