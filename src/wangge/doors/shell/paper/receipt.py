"""The receipt of a request, for the person who asked: the number, and the secret where it is still shown."""

from __future__ import annotations

from datetime import datetime

import segno
from django.utils.translation import gettext as _

from wangge.doors.shell.moments import full_text
from wangge.doors.shell.paper.blocks import Block, Facts, Large, Paper, Picture, Words


def receipt_paper(
    *,
    number: str,
    secret: str,
    body: str,
    place: str,
    registered_at: datetime,
    dispatch_due_at: datetime | None,
    follow_url: str,
) -> Paper:
    """`secret` is "" where the page does not show it either; the QR code never holds it."""
    large = [(_("Number of your request"), number)]
    if secret:
        large.append((_("Secret to look it up"), secret))
    facts = [(_("Received at"), full_text(registered_at)), (_("Place"), place)]
    if dispatch_due_at is not None:
        facts.append((_("Handed to a body by"), full_text(dispatch_due_at)))
    blocks: list[Block] = [Large(large), Facts(facts)]
    blocks.append(
        Picture(
            segno.make(follow_url, error="m").svg_inline(scale=4, border=2, light="white"),
            _("Scan this to look your request up. The code holds the number, not the secret."),
        )
    )
    blocks.append(
        Words(
            _("What happens next"),
            "\n".join(
                [
                    _("1. A desk reads it and gives it to the one body that must handle it."),
                    _("2. That body gets in touch, does it, and answers you."),
                    _("3. Then you are asked whether it is solved. If not, it is handled again."),
                ]
            ),
        )
    )
    foot = _("Keep the secret to yourself: with number and secret anybody can follow the request.")
    return Paper(_("Receipt of a request"), body, blocks, foot=foot if secret else "", small=True)
