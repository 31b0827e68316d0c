"""Every test of this folder begins without a file somebody sent before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def _no_uploads() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.FILES_DIR) / "imports", ignore_errors=True)
