"""Keeping photos, and letting go of those that belong to nothing.

Nothing is journalled here: a photo is part of an act once a room claims it, and that act's line names
its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO

from django.db import transaction

from wangge.foundation.files import disk
from wangge.foundation.files.cleaning import JPEG, UnableToStore, clean_photo
from wangge.foundation.files.limits import photo_limits
from wangge.foundation.files.models import StoredFile
from wangge.foundation.privacy.queries import retention

__all__ = ["UnableToStore", "claim_files", "store_photo", "sweep_strays", "sweep_unclaimed"]

#: An upload under way is younger than this; its row may not be committed yet.
UNDER_WAY = timedelta(days=1)


def store_photo(upload: BinaryIO, *, at: datetime) -> StoredFile:
    """Check, clean and keep an uploaded photo (a Django `UploadedFile` or any open binary file).

    The same picture sent twice is one row. It stays unclaimed until a room attaches it to something.
    Raises UnableToStore.
    """
    photo = clean_photo(upload, photo_limits())
    digest = hashlib.sha256(photo.content).hexdigest()
    file = StoredFile(
        digest=digest,
        size=len(photo.content),
        width=photo.width,
        height=photo.height,
        content_type=JPEG,
        created_at=at,
    )
    with transaction.atomic(savepoint=False):
        # The row first: its lock keeps a sweep of the same picture from removing what is written below.
        StoredFile.objects.bulk_create(
            [file], update_conflicts=True, unique_fields=["digest"], update_fields=["created_at"]
        )
        disk.write(digest, photo.content, photo.thumbnail)
    return file


def claim_files(files: Iterable[StoredFile], *, at: datetime) -> int:
    """Say that these belong to something now, so that they are kept. Returns how many were unclaimed."""
    ids = [file.pk for file in files]
    return StoredFile.objects.filter(pk__in=ids, claimed_at=None).update(claimed_at=at)


def sweep_unclaimed(*, at: datetime, batch: int = 200) -> int:
    """Remove up to `batch` photos that nothing claimed in time; returns how many."""
    with transaction.atomic():
        files = list(
            StoredFile.objects.select_for_update(skip_locked=True)
            .filter(claimed_at=None, created_at__lt=at - retention("unclaimed_upload"))
            .order_by("created_at")[:batch]
        )
        StoredFile.objects.filter(pk__in=[file.pk for file in files]).delete()
        for file in files:
            # Before the commit, while the row is locked: afterwards the same picture may be on its way in.
            disk.remove(file.digest)
    return len(files)


def sweep_strays(*, at: datetime) -> int:
    """Remove what lies on disk without a row: uploads that were rolled back, writes that broke off."""
    removed = 0
    kept = disk.kept_before((at - UNDER_WAY).timestamp())
    while some := list(islice(kept, 500)):
        digests = {digest for digest, _ in some if digest}
        known = set(StoredFile.objects.filter(digest__in=digests).values_list("digest", flat=True))
        for digest, path in some:
            if digest not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed
