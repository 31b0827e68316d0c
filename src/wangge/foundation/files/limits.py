"""How large a photo may be, and how large it is kept: `defaults/photos.toml`, changed by the settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class PhotoLimits:
    max_bytes: int
    max_pixels: int
    longest_side: int
    quality: int
    thumbnail_side: int


def photo_limits() -> PhotoLimits:
    return replace(_defaults(), **getattr(settings, "PHOTO_LIMITS", {}))


@cache
def _defaults() -> PhotoLimits:
    with (Path(__file__).parent / "defaults" / "photos.toml").open("rb") as file:
        return PhotoLimits(**tomllib.load(file))
