"""Where photos lie: `FILES_DIR/aa/bb/<digest>.jpg`, the thumbnail beside it.

A path is made of a digest alone, which is 64 hexadecimal digits or refused; nothing a person typed or
named ever becomes part of one.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from wangge.foundation.files.models import StoredFile

_digest_form = re.compile(r"[0-9a-f]{64}")
_kept_name = re.compile(r"([0-9a-f]{64})(?:\.thumbnail)?\.jpg")


def open_photo(file: StoredFile, *, thumbnail: bool = False) -> BinaryIO:
    """The JPEG for reading. Whether the reader may see it is the business of the room that claimed it."""
    return path_of(file.digest, thumbnail=thumbnail).open("rb")


def path_of(digest: str, *, thumbnail: bool = False) -> Path:
    if not _digest_form.fullmatch(digest):
        raise ValueError("A stored file is known by the 64 hexadecimal digits of its digest.")
    name = f"{digest}.thumbnail.jpg" if thumbnail else f"{digest}.jpg"
    return Path(settings.FILES_DIR) / digest[:2] / digest[2:4] / name


def write(digest: str, content: bytes, thumbnail: bytes) -> None:
    """Put both on disk for good; what is there already is left as it is."""
    for small, data in ((True, thumbnail), (False, content)):
        path = path_of(digest, thumbnail=small)
        if not path.exists():
            _write_whole(path, data)


def remove(digest: str) -> None:
    for small in (False, True):
        path_of(digest, thumbnail=small).unlink(missing_ok=True)


def kept_before(moment: float) -> Iterator[tuple[str, Path]]:
    """Digest ("" for the rest of a broken write) and path of everything last written before `moment`."""
    for path in sorted(Path(settings.FILES_DIR).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
        if path.stat().st_mtime < moment:
            named = _kept_name.fullmatch(path.name)
            yield (named.group(1) if named else ""), path


def _write_whole(path: Path, data: bytes) -> None:
    """Under a passing name first: a crash leaves the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    passing = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
