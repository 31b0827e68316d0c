"""The menu under the thumb."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wangge.doors.shell.menu import Item
from wangge.organisations.roles import FIELD

MENU = [
    Item("field:home", _("My grid"), "house", FIELD),
    Item("field:report", pgettext_lazy("menu", "Report"), "square-pen", FIELD),
    Item("field:checks", _("To check"), "clipboard-check", FIELD, also=("field:case", "field:check")),
    Item("field:reports", _("Reports"), "list", FIELD),
    Item("field:notices", _("Notices"), "bell", FIELD),
]
