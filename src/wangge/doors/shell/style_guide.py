"""Every part of the design system on one page, for those who build pages. Demo deployments only."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import Http404, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.states import State
from wangge.doors.shell.assets import icon_names
from wangge.doors.shell.fragments import show
from wangge.doors.shell.menu import menu_for
from wangge.doors.shell.standing import StandingRequest
from wangge.duties.models import Priority

LOOKS = {
    "desk": gettext_lazy("Desk"),
    "resident": gettext_lazy("Residents"),
    "field": gettext_lazy("Grid workers"),
}


class SampleForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What is the matter?"),
        help_text=gettext_lazy("A few sentences are enough."),
        widget=forms.Textarea,
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("help", gettext_lazy("Request for help")), ("consult", gettext_lazy("Question"))],
    )
    contact = forms.ChoiceField(
        label=gettext_lazy("May we call you?"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes, call me")), ("no", gettext_lazy("No, stay anonymous"))],
    )
    agree = forms.BooleanField(label=gettext_lazy("I have read how my data are used"))


def grids(request: StandingRequest) -> JsonResponse:
    """Nine invented grids, so that the maps have something to draw."""
    if not settings.DEMO:
        raise Http404
    features = []
    for number in range(9):
        west, south = 128.90 + 0.01 * (number % 3), 47.72 + 0.008 * (number // 3)
        ring = [(west, south), (west + 0.01, south), (west + 0.01, south + 0.008), (west, south + 0.008)]
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "code": f"23071700100100{number + 1}",
                    "name": _("Grid %(number)d") % {"number": number + 1},
                },
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})


def page(request: StandingRequest) -> HttpResponseBase:
    if not settings.DEMO:
        raise Http404
    look = request.GET.get("look", "desk")
    if look not in LOOKS:
        raise Http404
    at = request.at
    context = {
        "look": look,
        "menu": menu_for(look, request.standing, "shell:style_guide"),
        "looks": LOOKS,
        "states": State.values,
        "priorities": Priority.values,
        "form": SampleForm(),
        "wrong_form": SampleForm({"kind": "help"}),
        "icons": sorted(icon_names()),
        "steps": [_("What"), _("Where"), _("Contact")],
        "due_long": at + timedelta(days=3, hours=5),
        "due_soon": at + timedelta(minutes=48),
        "due_past": at - timedelta(hours=5, minutes=20),
        "just_now": at - timedelta(seconds=20),
        "a_while_ago": at - timedelta(hours=3),
        "grid_rows": range(1, 9),
        "at": at,
    }
    return show(request, f"shell/style_guide_{look}.html", context)
