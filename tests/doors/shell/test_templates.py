"""What no template may hold: code, styles and handlers in the page, which the policy would refuse anyway."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wangge.doors.shell.assets import icon_names

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "src" / "wangge"
TEMPLATES = sorted(PACKAGE.glob("**/templates/**/*.html"))

REFUSED = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript address": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "script with code": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)", re.IGNORECASE
    ),
    "script from elsewhere": re.compile(
        r"<(script|link|img|iframe)[^>]*(src|href)=[\"'](https?:)?//", re.IGNORECASE
    ),
    "code for htmx": re.compile(r"\shx-on[:\s=-]|[\"']js:|\shx-trigger=[\"'][^\"']*\[", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
}


def faults_in(text: str) -> list[str]:
    text = re.sub(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}", "", text, flags=re.DOTALL)
    return [name for name, pattern in REFUSED.items() if pattern.search(text)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<p style="color: red">', "style attribute"),
        ("<style>p { color: red }</style>", "style element"),
        ('<button type="button" onclick="go()">', "event attribute"),
        ('<a href="javascript:go()">', "javascript address"),
        ("<script>go()</script>", "script with code"),
        ('<script src="https://cdn.example/x.js"></script>', "script from elsewhere"),
        ('<button hx-on:click="go()">', "code for htmx"),
        ('<p hx-get="/x" hx-trigger="click[ctrlKey]">', "code for htmx"),
        ("{{ text|safe }}", "unescaped output"),
    ],
)
def test_the_search_finds_what_it_looks_for(text, fault):
    assert fault in faults_in(text)


def test_no_template_holds_code_or_styles():
    assert TEMPLATES
    found = {
        str(path.relative_to(PACKAGE)): faults
        for path in TEMPLATES
        if (faults := faults_in(path.read_text(encoding="utf-8")))
    }
    assert not found


def test_every_icon_asked_for_is_in_the_sprite():
    """`{% icon %}` refuses others when the page is shown; this finds them before."""
    asked = re.compile(r"{%\s*icon\s+\"([a-z0-9-]+)\"|icon_name=\"([a-z0-9-]+)\"")
    missing = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in TEMPLATES
        for pair in asked.findall(path.read_text(encoding="utf-8"))
        if (name := pair[0] or pair[1]) not in icon_names()
    }
    assert not missing


#: Forms that no server gets: samples, and the page that knows nobody and only puts down on the phone.
NEVER_SENT = {"style_guide.html", "offline.html"}


def test_every_post_form_is_protected():
    form = re.compile(r"<form\b[^>]*method=[\"']post[\"'][^>]*>.*?</form>", re.IGNORECASE | re.DOTALL)
    bare = {
        str(path.relative_to(PACKAGE))
        for path in TEMPLATES
        for text in form.findall(path.read_text(encoding="utf-8"))
        if "{% csrf_token %}" not in text and path.name not in NEVER_SENT
    }
    assert not bare


def test_every_class_is_one_of_the_design_system():
    """A class without a rule is a part somebody drew in their head; `docs/design.md` has the real ones."""
    sheets = [*ROOT.glob("frontend/*.css"), *ROOT.glob("islands/*.css")]
    drawn = set(re.findall(r"\.([a-zA-Z][\w-]*)", "".join(sheet.read_text("utf-8") for sheet in sheets)))
    invented = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in TEMPLATES
        # What a tag decides is left aside: `notice-{% if refused %}warn{% else %}info{% endif %}`.
        for classes in re.findall(
            r'class="([^"]*)"', re.sub(r"{%.*?%}|{{.*?}}", "\0", path.read_text(encoding="utf-8"))
        )
        for name in classes.split()
        if "\0" not in name and name not in drawn
    }
    assert not invented
