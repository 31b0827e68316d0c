"""What the requester does with their own case: rate it, open it again, ask for a second look, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.closing import rate_case, reopen_case, withdraw_case
from wangge.cases.limits import configuration
from wangge.cases.models import Case
from wangge.cases.moves import StaleCase, UnableToAct
from wangge.cases.queries import Option, moves_for
from wangge.cases.screening import ask_review
from wangge.doors.resident.act_forms import ActForm, RateForm, WordsForm
from wangge.doors.resident.person import Own, of_own_case, own_case
from wangge.doors.resident.phases import stand_of
from wangge.doors.resident.screened import found_in
from wangge.doors.shell.fragments import UNPROCESSABLE, done, put_refusal, show
from wangge.doors.shell.standing import StandingRequest
from wangge.duties.models import Priority
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.refusals import Refusal

CONFLICT = 409

MakeForm = Callable[..., ActForm]
Act = Callable[[StandingRequest, Own, dict[str, Any]], Any]


@dataclass(frozen=True)
class Story:
    """One act: its name in the table of moves, its form, what it does, and what is said when it is done."""

    act: str
    template: str
    form: MakeForm
    do: Act
    said: str | Promise
    not_now: str | Promise


def _tell(request: StandingRequest, own: Own, story: Story) -> HttpResponseBase:
    option = _option(request, own, story.act)
    if not option.verdict.allowed and request.method != "POST":
        return _cannot(request, own, _plain(story, option.verdict.code, option.verdict.reason))
    if request.method != "POST":
        return _form_page(request, own, story, story.form(initial={"version": own.case.version}))
    form = story.form(request.POST)
    if not form.is_valid():
        return _form_page(request, own, story, form, status=UNPROCESSABLE)
    words = str(form.cleaned_data.get("words") or form.cleaned_data.get("comment") or "")
    masked = found_in(words)
    try:
        story.do(request, own, {**form.cleaned_data, "said": mask_text(words)})
    except StaleCase:
        return _stale(request, own, story)
    except UnableToAct as refusal:
        return _cannot(request, own, _plain(story, refusal.code, refusal.message))
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _form_page(request, own, story, form, status=UNPROCESSABLE)
    said = str(story.said)
    if own_case(request, own.case.number) is None:
        said = _("You have left. The danger is still dealt with; nothing tells any more who reported it.")
        return done(request, said, "resident:home")
    if masked:
        said += _("Phone numbers and the like in your words were masked.")
    return done(request, said, "resident:case", own.case.number)


def _option(request: StandingRequest, own: Own, act: str) -> Option:
    return next(option for option in moves_for(own.case, own.by, request.at) if option.act == act)


def _form_page(
    request: StandingRequest, own: Own, story: Story, form: ActForm, *, status: int = 200, stale: bool = False
) -> HttpResponseBase:
    settings = configuration()
    context = {
        "own": own,
        "case": own.case,
        "form": form,
        "stale": stale,
        "stand": stand_of(own.case, request.at, settings),
        "dangerous": own.case.priority == Priority.EMERGENCY or own.case.category in settings.public_safety,
    }
    return show(request, f"resident/acts/{story.template}.html", context, status=status)


def _stale(request: StandingRequest, own: Own, story: Story) -> HttpResponseBase:
    """Something happened in between: show how it stands now, keep what was typed, send nothing."""
    now = own_case(request, own.case.number) or own
    option = _option(request, now, story.act)
    if not option.verdict.allowed:
        return _cannot(request, now, _plain(story, option.verdict.code, option.verdict.reason))
    fresh = request.POST.copy()
    fresh["version"] = str(now.case.version)
    return _form_page(request, now, story, story.form(fresh), status=CONFLICT, stale=True)


def _cannot(request: StandingRequest, own: Own, reason: str) -> HttpResponseBase:
    now = own_case(request, own.case.number) or own
    context = {
        "own": now,
        "case": now.case,
        "reason": reason,
        "stand": stand_of(now.case, request.at, configuration()),
    }
    return show(request, "resident/acts/cannot.html", context, status=CONFLICT)


def _plain(story: Story, code: str, reason: str | Promise) -> str:
    """The room's reason, or plainer words where it speaks to clerks."""
    return str(story.not_now if code == "wrong_state" else _PLAIN.get(code, reason))


_PLAIN: dict[str, str | Promise] = {
    "one_review": gettext_lazy("A second look was already taken once. You may still call 12345."),
    "one_reopening": gettext_lazy(
        "It was opened again once already. Please bring it in as a new request, or call 12345."
    ),
    "not_requester": gettext_lazy("Only the person who made the request may do this."),
}


# --- the four stories -----------------------------------------------------------------------------


def _do_rate(request: StandingRequest, own: Own, given: dict[str, Any]) -> Case:
    return rate_case(
        by=own.by,
        case=own.case,
        at=request.at,
        seen_version=given["version"],
        contacted=given["contacted"] == "yes",
        solved=given["solved"],
        satisfaction=given["satisfaction"],
        comment=given["said"],
    )


def _do_reopen(request: StandingRequest, own: Own, given: dict[str, Any]) -> Case:
    return reopen_case(
        by=own.by, case=own.case, at=request.at, seen_version=given["version"], words=given["said"]
    )


def _do_review(request: StandingRequest, own: Own, given: dict[str, Any]) -> Case:
    return ask_review(
        by=own.by, case=own.case, at=request.at, seen_version=given["version"], words=given["said"]
    )


def _do_withdraw(request: StandingRequest, own: Own, given: dict[str, Any]) -> Case:
    return withdraw_case(
        by=own.by, case=own.case, at=request.at, seen_version=given["version"], words=given["said"]
    )


def _words_form(label: Any, needed: Any = None) -> MakeForm:
    def make(*args: Any, **kwargs: Any) -> ActForm:
        return WordsForm(*args, label=label, needed=needed, **kwargs)

    return make


RATE = Story(
    "rate",
    "rate",
    RateForm,
    _do_rate,
    gettext_lazy("Thank you. Your answer has been kept."),
    gettext_lazy("You are asked when there is an answer that was checked, until the request is closed."),
)
REOPEN = Story(
    "reopen",
    "reopen",
    _words_form(gettext_lazy("What is still wrong?"), gettext_lazy("Say in a sentence what is still wrong.")),
    _do_reopen,
    gettext_lazy("Your request is open again."),
    gettext_lazy("Only a closed request can be opened again."),
)
REVIEW = Story(
    "ask_review",
    "review",
    _words_form(
        gettext_lazy("Why should we look at it again?"),
        gettext_lazy("Say in a sentence why the decision should be looked at again."),
    ),
    _do_review,
    gettext_lazy("We look at the decision again."),
    gettext_lazy("A second look is for requests that were told to go another way."),
)
WITHDRAW = Story(
    "withdraw",
    "withdraw",
    _words_form(gettext_lazy("Would you like to say why?")),
    _do_withdraw,
    gettext_lazy("Your request has been taken back."),
    gettext_lazy("The request has ended; there is nothing to take back."),
)


@of_own_case
def rate(request: StandingRequest, own: Own) -> HttpResponseBase:
    return _tell(request, own, RATE)


@of_own_case
def reopen(request: StandingRequest, own: Own) -> HttpResponseBase:
    return _tell(request, own, REOPEN)


@of_own_case
def review(request: StandingRequest, own: Own) -> HttpResponseBase:
    return _tell(request, own, REVIEW)


@of_own_case
def withdraw(request: StandingRequest, own: Own) -> HttpResponseBase:
    return _tell(request, own, WITHDRAW)
