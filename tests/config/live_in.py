"""Run inside a house: build the town with some cases, or say what a sealed name reads."""

from __future__ import annotations

import sys

import django

django.setup()

from makers import make_case, make_photo  # noqa: E402
from town import MORNING, build_town  # noqa: E402
from wangge.cases.models import Case  # noqa: E402
from wangge.cases.states import State  # noqa: E402
from wangge.foundation.files.actions import store_photo  # noqa: E402

if "names" in sys.argv:
    print({case.requester.name.unseal() for case in Case.objects.exclude(requester=None)}.pop(), end="")
else:
    town = build_town()
    photo = store_photo(make_photo(), at=MORNING)
    for state in (State.REGISTERED, State.IN_PROGRESS, State.CLOSED):
        make_case(town, state, photos=[photo])
