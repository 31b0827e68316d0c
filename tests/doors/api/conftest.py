"""Programs of several posts, and cases to call about."""

from __future__ import annotations

import pytest

from doors.api.programs import Program, program_of
from town import Town


@pytest.fixture
def intake(town: Town) -> Program:
    """Acts from the command centre's intake and dispatch, with every scope."""
    return program_of(town, "chen")
