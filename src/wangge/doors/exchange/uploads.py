"""A file that somebody sent, kept sealed until it is taken in, and no longer.

It holds the names and numbers of everybody who called, so it never lies open on a disk: pieces sealed one by
one under `FILES_DIR/imports`. Its name is drawn by lot; nothing a person named becomes part of a path.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from django.conf import settings

from wangge.foundation.privacy.sealing import seal, unseal

_PURPOSE = "exchange.upload"
_PIECE = 1024 * 1024
#: What stays in memory while it is read; larger files go through a nameless file of this process.
_IN_MEMORY = 64 * 1024 * 1024
_token_form = re.compile(r"[0-9a-f]{32}")


def keep(pieces: Iterable[bytes]) -> str:
    """Seal and keep a file; the token to open it by."""
    token = secrets.token_hex(16)
    path = _path_of(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for number, piece in enumerate(_evenly(pieces)):
            sealed = seal(base64.b64encode(piece).decode(), _purpose(token, number))
            out.write(len(sealed).to_bytes(4, "big") + sealed)
        out.flush()
        os.fsync(out.fileno())
    return token


def open_kept(token: str) -> BinaryIO:
    """The file in clear, to be sought in; gone when it is closed. FileNotFoundError if it is gone already."""
    clear = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with _path_of(token).open("rb") as kept:
        number = 0
        while size := kept.read(4):
            sealed = kept.read(int.from_bytes(size, "big"))
            clear.write(base64.b64decode(unseal(sealed, _purpose(token, number))))
            number += 1
    clear.seek(0)
    return cast(BinaryIO, clear)


def forget(token: str) -> None:
    if token:
        _path_of(token).unlink(missing_ok=True)


def _purpose(token: str, number: int) -> str:
    """Bound to its file and place: pieces cannot be exchanged or put in another order."""
    return f"{_PURPOSE}.{token}.{number}"


def _path_of(token: str) -> Path:
    if not _token_form.fullmatch(token):
        raise ValueError("An upload is known by the 32 hexadecimal digits of its token.")
    return Path(settings.FILES_DIR) / "imports" / f"{token}.sealed"


def _evenly(pieces: Iterable[bytes]) -> Iterable[bytes]:
    held = b""
    for piece in pieces:
        held += piece
        while len(held) >= _PIECE:
            yield held[:_PIECE]
            held = held[_PIECE:]
    if held:
        yield held
