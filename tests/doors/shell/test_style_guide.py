"""The style guide shows every part in demo deployments, and is not there in others."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from wangge.cases.states import State


@pytest.mark.parametrize("look", ["desk", "resident", "field"])
def test_every_look_shows_every_state(db, pages: Client, look: str):
    text = pages.get(f"/style-guide?look={look}").content.decode()
    assert f'data-look="{look}"' in text
    with translation.override("zh-hans"):
        assert [state for state in State if str(state.label) not in text] == []


def test_a_look_nobody_drew_is_not_there(db, pages: Client):
    assert pages.get("/style-guide?look=loud").status_code == 404


@pytest.mark.parametrize("address", ["/style-guide", "/style-guide/grids"])
def test_outside_a_demo_there_is_no_style_guide(db, pages: Client, settings, address: str):
    settings.DEMO = False
    assert pages.get(address).status_code == 404
