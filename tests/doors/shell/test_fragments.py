"""One view for the page and for its piece."""

from __future__ import annotations

import pytest
from django import forms
from django.test import Client, RequestFactory

from town import Town
from wangge.doors.shell.fragments import is_fragment, put_refusal
from wangge.foundation.refusals import Refusal

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        (PARTIAL, True),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
        ({**PARTIAL, "HX-History-Restore-Request": "true"}, False),
        ({"HX-Request-Type": "partial"}, False),
    ],
)
def test_what_counts_as_asking_for_a_piece(headers: dict[str, str], fragment: bool):
    assert is_fragment(RequestFactory().get("/", headers=headers)) is fragment


def test_the_same_view_answers_with_page_or_piece(db, pages: Client):
    page = pages.get("/two-parts")
    piece = pages.get("/two-parts", headers=PARTIAL)
    assert "<html" in page.content.decode()
    assert "<html" not in piece.content.decode()
    for answer in (page, piece):
        assert "HX-Request" in answer["Vary"]


def test_after_an_act_the_next_page_says_so(town: Town, pages: Client):
    pages.force_login(town.chen.user, backend="django.contrib.auth.backends.ModelBackend")
    sent = pages.post("/desk/dispatchers")
    assert (sent.status_code, sent.url) == (302, "/home")
    assert "Dispatched." in pages.get("/two-parts").content.decode()
    assert "Dispatched." not in pages.get("/two-parts").content.decode(), "once"


def test_after_an_act_by_htmx_the_whole_page_moves_on(town: Town, pages: Client):
    pages.force_login(town.chen.user, backend="django.contrib.auth.backends.ModelBackend")
    sent = pages.post("/desk/dispatchers", headers=PARTIAL)
    assert (sent.status_code, sent["HX-Redirect"]) == (204, "/home")


class Form(forms.Form):
    matter = forms.CharField()


def test_a_refusal_stands_beside_the_field_it_names():
    form = Form({"matter": "x"})
    put_refusal(form, Refusal("not_admitted", "Choose a department.", field="matter"))
    assert form.errors["matter"] == ["Choose a department."]


@pytest.mark.parametrize("field", [None, "no_such_field"])
def test_a_refusal_of_the_whole_stands_above(field: str | None):
    form = Form({"matter": "x"})
    put_refusal(form, Refusal("stale", "Read it again.", field=field))
    assert form.non_field_errors() == ["Read it again."]
