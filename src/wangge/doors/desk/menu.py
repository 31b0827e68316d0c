"""The desk's menu: what each role finds on its left."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wangge.doors.desk.roles import ADMISSIONS, CASES, DESK, LOOKS, OVERVIEW, QUEUE, REGISTER
from wangge.doors.shell.menu import Item
from wangge.organisations.roles import Role

_WATCH = _("Oversight")
_REFERENCE = _("Reference")

MENU = [
    Item("desk:queue", _("My queue"), "inbox", QUEUE, shortcut="g q"),
    Item("desk:overview", _("Overview"), "gauge", OVERVIEW, shortcut="g o"),
    Item("desk:cases", _("All cases"), "list", CASES, shortcut="g a", also=("desk:case",)),
    Item("desk:register", _("Register a request"), "square-pen", REGISTER, shortcut="g n"),
    Item("desk:admissions", _("Admissions"), "badge-check", ADMISSIONS, shortcut="g q"),
    Item(
        "desk:exports", _("Exports"), "download", DESK, shortcut="g x",
        also=("desk:export", "desk:export_ask"),
    ),
    Item("desk:notices", _("Notices"), "bell", DESK, shortcut="g i"),
    Item(
        "desk:journal", _("Journal"), "scroll-text", frozenset({Role.AUDITOR}), section=_WATCH,
        shortcut="g j", also=("desk:case_journal",),
    ),
    Item("desk:looks", _("Looks at personal data"), "eye", LOOKS, section=_WATCH, shortcut="g l"),
    Item(
        "desk:accounts", _("Accounts and posts"), "users", frozenset({Role.SYSTEM_ADMIN}), section=_WATCH,
        shortcut="g u",
    ),
    Item(
        "tokens:list", _("Tokens of programs"), "key-round", frozenset({Role.SYSTEM_ADMIN}), section=_WATCH,
        shortcut="g t",
    ),
    Item(
        "desk:security", _("Sign-ins and seals"), "shield-check", frozenset({Role.SECURITY_ADMIN}),
        section=_WATCH, shortcut="g s",
    ),
    Item(
        "desk:duties", _("Dispatch catalogue"), "list-checks", DESK, section=_REFERENCE, shortcut="g d",
        also=("desk:duty",),
    ),
    Item(
        "desk:organisations", _("Organisations"), "network", DESK, section=_REFERENCE,
        shortcut="g e", also=("desk:organisation",),
    ),
    Item(
        "desk:areas", _("Areas and grids"), "map", DESK, section=_REFERENCE, shortcut="g m",
        also=("desk:area",),
    ),
]  # fmt: skip
