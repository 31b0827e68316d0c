"""The calls of GeoReport v2, and the polling of updates that FixMyStreet added to it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from wangge.cases.models import Case
from wangge.doors.open311 import answers
from wangge.doors.open311.asking import NEWS, wanted, window
from wangge.doors.open311.calls import call, count, key_needed, key_shown
from wangge.doors.open311.errors import NOT_FOUND, not_found
from wangge.doors.open311.jurisdictions import district, districts
from wangge.doors.open311.models import Open311Key
from wangge.doors.open311.posting import post
from wangge.doors.open311.services import definition, offered, service, service_row
from wangge.doors.open311.showing import listed, rows_of, visible
from wangge.doors.open311.updates import update_rows
from wangge.doors.shell.moments import full_text
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.worktime.workcalendar import SHANGHAI

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
#: When what this door says last changed in form.
CHANGESET = "2026-11-23T00:00:00+08:00"
#: A link to the next page of a list that goes on.
NEXT = '<{address}>; rel="next"'


@call()
def discovery(request: StandingRequest, *, form: str) -> HttpResponse:
    """Where everything is."""
    about = request.build_absolute_uri(reverse("open311:about"))
    endpoint = {
        "specification": SPECIFICATION,
        "url": request.build_absolute_uri(reverse("open311:root")).rstrip("/"),
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    told = {
        "changeset": CHANGESET,
        "contact": _("Call 12345, or the command centre of the district. %(address)s") % {"address": about},
        "key_service": _("The command centre of the district gives keys. %(address)s") % {"address": about},
        "endpoints": [endpoint],
    }
    return answers.one(form, "discovery", told)


@call()
def services(request: StandingRequest, *, form: str) -> HttpResponse:
    where = _district(request)
    matters = offered(where, request.at.astimezone(SHANGHAI).date())
    return answers.many(form, "services", "service", [service_row(matter) for matter in matters])


@call()
def service_definition(request: StandingRequest, code: str, *, form: str) -> HttpResponse:
    where = _district(request)
    matter = service(where, code, request.at.astimezone(SHANGHAI).date())
    return answers.one(form, "service_definition", definition(matter))


@call(posts=True)
def requests(request: StandingRequest, *, form: str) -> HttpResponse:
    """The list of requests; a POST brings one in."""
    if request.method == "POST":
        return _post(request, form)
    where = _district(request)
    asked = wanted(request.GET, request.at)
    cases = listed(visible(where, key_shown(request, where)), where, asked)
    first = (asked.page - 1) * asked.page_size
    found = list(cases[first : first + asked.page_size + 1])
    response = answers.many(form, "service_requests", "request", rows_of(found[: asked.page_size]))
    if len(found) > asked.page_size:
        query = request.GET.copy()
        query.pop("api_key", None)  # it belongs to the caller, not into headers that others keep
        query["page"] = str(asked.page + 1)
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        response.headers["Link"] = NEXT.format(address=address)
    return response


@call()
def request_by_id(request: StandingRequest, number: str, *, form: str) -> HttpResponse:
    where = _district(request, number)
    rows = rows_of(_numbered(where, key_shown(request, where), number))
    if not rows:
        raise not_found("service_request_id")
    return answers.many(form, "service_requests", "request", rows)


@call()
def token(request: StandingRequest, number: str, *, form: str) -> HttpResponse:
    """We number at once, so the number is its own token; a sender with its key may ask by its reference."""
    where = _district(request, number)
    key = key_shown(request, where)
    found = list(_numbered(where, key, number)[:1])
    if not found and key is not None and "\x00" not in number:
        own = visible(where, key).filter(source_system=key.source_system, external_no=number)
        found = list(own[:1])
    if not found:
        raise not_found("token")
    row = {"service_request_id": found[0].number, "token": number}
    return answers.many(form, "service_requests", "request", [row])


@call()
def updates(request: StandingRequest, *, form: str) -> HttpResponse:
    """How the sender's own requests moved on."""
    where = _district(request)
    key = key_needed(request, where)
    rows = update_rows(key, window(request.GET, request.at, NEWS))
    return answers.many(form, "service_requests_updates", "request_update", rows)


@call()
def _nowhere(request: StandingRequest, *, form: str) -> HttpResponse:
    raise not_found(_("This address"))


def nowhere(request: HttpRequest) -> HttpResponse:
    """Whatever is none of these addresses, in the notation its name asks for."""
    form = answers.JSON if request.path.endswith(".json") else answers.XML
    if request.method not in {"GET", "HEAD"}:
        return answers.errors(form, NOT_FOUND, [_("%(what)s was not found.") % {"what": _("This address")}])
    return _nowhere(request, form=form)


nowhere.csrf_exempt = True  # type: ignore[attr-defined]


def _post(request: StandingRequest, form: str) -> HttpResponse:
    asked = request.POST.get("jurisdiction_id") or request.GET.get("jurisdiction_id") or ""
    where = district(asked.strip()).code
    key = key_needed(request, where)
    count("open311_post", str(key.pk), request)
    registered, _matter = post(
        request.POST,
        request.FILES,
        key=key,
        idempotency_key=request.headers.get("Idempotency-Key", "")[:200],
        at=request.at,
    )
    case = registered.case
    due_at = case.dispatch_due_at
    notice = _("We have your request.")
    if due_at is not None and case.is_open:
        notice = _("We have your request. By %(when)s we decide who handles it.") % {
            "when": full_text(due_at)
        }
    row = {"service_request_id": case.number, "service_notice": notice, "account_id": None}
    return answers.many(form, "service_requests", "request", [row])


def _district(request: StandingRequest, number: str = "") -> str:
    """The district asked for; a number says by itself in which it is."""
    asked = request.GET.get("jurisdiction_id", "").strip()
    if not asked and number[:6] in {area.code for area in districts()}:
        return number[:6]
    return district(asked).code


def _numbered(where: str, key: Open311Key | None, number: str) -> QuerySet[Case]:
    return visible(where, key).filter(number=number) if "\x00" not in number else visible(where, key).none()
