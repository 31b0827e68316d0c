"""The pages' scripts and styles, gathered where WhiteNoise serves them, when one of them changed."""

from __future__ import annotations

import fcntl
import hashlib
import os

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command


def built() -> bool:
    """Whether the pages' own files were built at all (`make setup` does it)."""
    return any(path.startswith("wangge/") for finder in get_finders() for path, _ in finder.list([]))


def up_to_date() -> bool:
    mark = settings.STATIC_ROOT / ".sources"
    return mark.exists() and mark.read_text() == _fingerprint()


def gather() -> None:
    """Two processes starting at once gather one after the other, and the second finds it done."""
    if not hasattr(staticfiles_storage, "manifest_name"):
        return  # served from where they are
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.STATIC_ROOT / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if not up_to_date():
            fingerprint = _fingerprint()
            call_command("collectstatic", interactive=False, verbosity=0)
            (settings.STATIC_ROOT / ".sources").write_text(fingerprint)
    finally:
        os.close(descriptor)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()
