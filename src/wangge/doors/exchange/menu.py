"""What this door adds to the desk's menu, and who may use it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wangge.doors.shell.menu import Item
from wangge.organisations.roles import Role

#: "Screen, dispatch" (domain notes §2): the centre takes the hotline's work orders in, and nobody else
#: meets so many callers' contacts at once. An operator without a desk uses `wangge cases import`.
IMPORTERS = frozenset({Role.CENTER_INTAKE})

MENU = [
    Item(
        "exchange:imports",
        _("Import a file"),
        "upload",
        IMPORTERS,
        shortcut="g f",
        also=("exchange:upload", "exchange:run"),
    ),
]
