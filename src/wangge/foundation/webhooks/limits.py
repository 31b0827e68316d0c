"""How often and how long it is tried: `defaults/webhooks.toml`, changed by the settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class WebhookLimits:
    most_per_owner: int
    events_per_post: int
    posts_at_once: int
    connect_seconds: float
    answer_seconds: float
    lease_seconds: int
    waits: tuple[int, ...]
    attempts: int
    pause_after_hours: int
    keep_sent_days: int
    keep_given_up_days: int
    keep_waiting_days: int


def webhook_limits() -> WebhookLimits:
    return replace(_defaults(), **getattr(settings, "WEBHOOK_LIMITS", {}))


@cache
def _defaults() -> WebhookLimits:
    with (Path(__file__).parent / "defaults" / "webhooks.toml").open("rb") as file:
        told = tomllib.load(file)
    return WebhookLimits(**{**told, "waits": tuple(told["waits"])})
