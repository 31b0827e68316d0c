"""One view, one template, and for htmx a piece of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers

from wangge.foundation.refusals import Refusal

#: A form that came back with errors. Scripts tell it from a success by this number.
UNPROCESSABLE = 422


def is_fragment(request: HttpRequest) -> bool:
    """Does htmx ask for a piece of the page, rather than somebody for the page?"""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-Request-Type") == "partial"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    piece: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, or its `piece` when htmx asks: a template that the page itself includes."""
    chosen = piece if piece and is_fragment(request) else template
    response = render(request, chosen, context, status=status)
    if piece:
        patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the person to another page: a url name, an address or an object with one."""
    address = resolve_url(to, *args, **kwargs)
    if request.headers.get("HX-Request") == "true":
        # fetch() would follow a plain redirect and htmx put that page into the piece.
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def done(request: HttpRequest, sentence: Any, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """An act has been done: say so on the next page, and go there."""
    messages.success(request, str(sentence))
    return go(request, to, *args, **kwargs)


def put_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Show a refused act in the form it came from, beside the field at fault."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
