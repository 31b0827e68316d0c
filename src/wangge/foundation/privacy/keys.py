"""The keys that seal personal data: numbered versions in one file that only its owner may read.

    {"format": 1, "current": 2, "versions": {"1": {"created_at": "...", "secret": "..."}, "2": {...}}}

Each version is 32 random bytes; the keys in use are derived from it (HKDF-SHA-256, RFC 5869), one per
use. New data is sealed with the current version; older ones stay in the file so that what they sealed
can be read until `rotation` has sealed it anew. Without this file sealed data is lost: back it up, and
apart from the database.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FORMAT = 1
SECRET_BYTES = 32
#: A version travels in two bytes in front of every sealed value.
LAST_VERSION = 0xFFFF


class KeysMissing(ImproperlyConfigured):
    """There is no file of keys, and this deployment may not make one by itself."""


class KeysUnusable(ImproperlyConfigured):
    """The file of keys is damaged, open to others, or lacks a version that data was sealed with."""


@dataclass(frozen=True)
class Keyring:
    current: int
    secrets_by_version: tuple[tuple[int, bytes], ...]

    def versions(self) -> list[int]:
        return [version for version, _ in self.secrets_by_version]

    def derived(self, use: str, size: int, version: int | None = None) -> bytes:
        """The key of `size` bytes for one use; raises KeysUnusable for a version that is not in the file."""
        wanted = self.current if version is None else version
        for known, secret in self.secrets_by_version:
            if known == wanted:
                return _derive(secret, use, size)
        raise KeysUnusable(
            f"Data was sealed with key version {wanted}, which is not in {settings.KEYS_FILE}. "
            "Restore the file that holds it from the backup of the keys."
        )

    def __repr__(self) -> str:
        return f"Keyring(current={self.current}, versions={self.versions()})"


def keyring() -> Keyring:
    """The keys of this deployment, read again whenever the file has changed.

    In a demo the file is made on first use; elsewhere a missing file raises KeysMissing.
    """
    path = settings.KEYS_FILE if isinstance(settings.KEYS_FILE, Path) else Path(settings.KEYS_FILE)
    try:
        state = path.stat()
    except FileNotFoundError:
        if not settings.DEMO:
            raise KeysMissing(
                f"There are no keys at {path}, and personal data cannot be sealed or read without them. "
                "Restore the file from its backup; for a new deployment make one with `wangge keys create`."
            ) from None
        create_keys(exist_ok=True)
        state = path.stat()
    return _read(path, state.st_mode, state.st_mtime_ns, state.st_ino)


def create_keys(*, at: datetime | None = None, exist_ok: bool = False) -> Keyring:
    """Make the file with its first key. Raises FileExistsError if there is one, unless `exist_ok`.

    Of several processes that start at once exactly one makes the file; the others read it.
    """
    path = Path(settings.KEYS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    created_at = at.isoformat() if at else "on first use"
    _write_private(fresh, _document(1, {1: (created_at, secrets.token_bytes(SECRET_BYTES))}))
    try:
        os.link(fresh, path)  # unlike a rename, this never replaces keys that are in use
    except FileExistsError:
        if not exist_ok:
            raise
    finally:
        fresh.unlink()
    _sync_folder(path.parent)
    state = path.stat()
    return _read(path, state.st_mode, state.st_mtime_ns, state.st_ino)


def add_key(*, at: datetime) -> Keyring:
    """Add a version and make it the current one. Run `rotation.reseal_batch` afterwards."""
    path = Path(settings.KEYS_FILE)
    with _locked(path):
        document = _document_at(path)
        version = max(document) + 1
        if version > LAST_VERSION:
            raise KeysUnusable("All key versions are used up.")
        document[version] = (at.isoformat(), secrets.token_bytes(SECRET_BYTES))
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        _write_private(fresh, _document(version, document))
        fresh.replace(path)
        _sync_folder(path.parent)
    return keyring()


@lru_cache(maxsize=4)
def _read(path: Path, mode: int, _changed_at: int, _inode: int) -> Keyring:
    mode = stat.S_IMODE(mode)
    if mode & 0o077:
        raise KeysUnusable(
            f"{path} may be read by others (mode {mode:04o}). Run `chmod 600 {path}`; if somebody may "
            "have read it, add a new key and seal everything anew."
        )
    document = _document_at(path)
    current = json.loads(path.read_text())["current"]
    if current not in document:
        raise KeysUnusable(f"{path} is damaged: its current version {current} is not among its versions.")
    return Keyring(current, tuple((version, secret) for version, (_, secret) in sorted(document.items())))


@cache
def _derive(secret: bytes, use: str, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt=None, info=f"wangge {use}".encode()).derive(secret)


def _document_at(path: Path) -> dict[int, tuple[str, bytes]]:
    try:
        document = json.loads(path.read_text())
        if document["format"] != FORMAT:
            raise KeysUnusable(f"{path} is of format {document['format']}; this release reads {FORMAT}.")
        versions = {
            int(version): (str(entry["created_at"]), base64.b64decode(entry["secret"], validate=True))
            for version, entry in document["versions"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        raise KeysUnusable(f"{path} is damaged: restore it from the backup of the keys.") from None
    if any(len(secret) != SECRET_BYTES for _, secret in versions.values()):
        raise KeysUnusable(f"{path} is damaged: a key in it has the wrong length.")
    return versions


def _document(current: int, versions: dict[int, tuple[str, bytes]]) -> str:
    entries = {
        str(version): {"created_at": created_at, "secret": base64.b64encode(secret).decode()}
        for version, (created_at, secret) in versions.items()
    }
    return json.dumps({"format": FORMAT, "current": current, "versions": entries}, indent=2) + "\n"


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path.with_name(f"{path.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
