"""From whatever was uploaded to a plain JPEG: the picture as it was seen, and nothing else of it.

The type is told by content, never by name. Place, camera and time of a photo (EXIF), comments, colour
profiles and hidden further images are left behind because only pixels are carried over.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from wangge.foundation.files.limits import PhotoLimits
from wangge.foundation.refusals import Refusal

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
JPEG = "image/jpeg"


class UnableToStore(Refusal):
    """Codes: `too_large`, `not_a_picture`, `damaged`, `too_many_pixels`."""


@dataclass(frozen=True)
class CleanPhoto:
    """A photo ready to be kept."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int


def clean_photo(upload: BinaryIO, limits: PhotoLimits) -> CleanPhoto:
    """Check and re-encode; raises UnableToStore."""
    upload.seek(0)
    data = upload.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        megabytes = limits.max_bytes // 1_048_576
        raise UnableToStore(
            "too_large",
            _("This photo is larger than %(megabytes)d MB. Send a smaller one.") % {"megabytes": megabytes},
            field="photo",
        )
    picture = _decoded(data, limits)
    photo = _fitted(picture, limits.longest_side)
    thumbnail = _fitted(photo, limits.thumbnail_side)
    return CleanPhoto(
        content=_encoded(photo, limits.quality),
        thumbnail=_encoded(thumbnail, limits.quality),
        width=photo.width,
        height=photo.height,
    )


def _decoded(data: bytes, limits: PhotoLimits) -> Image.Image:
    """The picture upright, in RGB, without anything that came with it."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as probe:
            # The header tells the size, so nothing of a decompression bomb is unpacked.
            if probe.width * probe.height > limits.max_pixels:
                raise _too_many_pixels(limits)
            probe.verify()
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            # A JPEG can be decoded at a fraction of its size: less time and memory for large ones.
            picture.draft("RGB", (limits.longest_side, limits.longest_side))
            picture.load()
            return _plain(ImageOps.exif_transpose(picture))
    except UnableToStore:
        raise
    except UnidentifiedImageError:
        raise UnableToStore(
            "not_a_picture", _("This file is not a photo. Send a JPEG, PNG or WebP picture."), field="photo"
        ) from None
    except Image.DecompressionBombError:
        raise _too_many_pixels(limits) from None
    except Exception:
        # Decoders fail on hostile or broken input in every way there is.
        raise UnableToStore(
            "damaged", _("This photo is incomplete or damaged. Take or choose it again."), field="photo"
        ) from None


def _too_many_pixels(limits: PhotoLimits) -> UnableToStore:
    message = _("This photo has more than %(millions)d million pixels. Send a smaller one.")
    return UnableToStore(
        "too_many_pixels", message % {"millions": limits.max_pixels // 1_000_000}, field="photo"
    )


def _plain(picture: Image.Image) -> Image.Image:
    """Pixels alone on white: a copy would carry comments and XMP along into the saved file."""
    plain = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        plain.paste(picture, mask=picture.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    return plain


def _fitted(picture: Image.Image, longest_side: int) -> Image.Image:
    fitted = picture.copy()
    fitted.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    return fitted


def _encoded(picture: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=quality, optimize=True)
    return encoded.getvalue()
