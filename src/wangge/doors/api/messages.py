"""What people are told of tokens."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wangge.foundation.notices.templates import register

register(
    "token.created",
    _("A token was made with which a program acts from your post until {until}. Object if it surprises you."),
)
