"""The journal's hash: SM3 (GB/T 32905-2016) by default, SHA-256 (FIPS 180-4) selectable.

Each line stores the name of its algorithm, so that a deployment may change its choice and old lines
still verify.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Protocol, cast

from cryptography.hazmat.primitives import hashes
from django.conf import settings

ALGORITHMS = ("sm3", "sha256")


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _CryptographyHash:
    """SM3 from the `cryptography` wheel, for an OpenSSL behind hashlib that lacks it."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.copy().finalize()


def new_hash(algorithm: str) -> _Hash:
    if algorithm == "sha256":
        return cast(_Hash, hashlib.sha256())
    if algorithm == "sm3":
        if "sm3" in hashlib.algorithms_available:
            return cast(_Hash, hashlib.new("sm3"))
        return _CryptographyHash()
    raise ValueError(f"Unknown journal hash {algorithm!r}; choose one of {', '.join(ALGORITHMS)}.")


def digest_of(parts: Iterable[bytes], algorithm: str) -> bytes:
    """The hash over `parts` one after another; 32 bytes for both algorithms."""
    running = new_hash(algorithm)
    for part in parts:
        running.update(part)
    return running.digest()


def chosen_algorithm() -> str:
    algorithm = str(settings.JOURNAL_HASH)
    if algorithm not in ALGORITHMS:
        raise ValueError(f"WANGGE_JOURNAL_HASH={algorithm!r}; choose one of {', '.join(ALGORITHMS)}.")
    return algorithm


def new_salt() -> str:
    """A salt to keep beside an erasable text; once both are gone the digest tells nothing."""
    return secrets.token_hex(16)


def salted_digest(text: str, salt: str) -> str:
    """What a line may hold of a free text: hex HMAC-SHA-256 of it under its own salt."""
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
