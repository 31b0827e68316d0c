"""What a new deployment starts with; loading again changes nothing that was changed by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

from wangge.cases.models import CaseRule, StageLimit

_HERE = Path(__file__).parent


def load_defaults() -> None:
    limits = tomllib.loads((_HERE / "limits.toml").read_text(encoding="utf-8"))
    StageLimit.objects.bulk_create(
        [
            StageLimit(priority=priority, stage=stage, limit=told["limit"], source=told["source"])
            for priority, stages in limits.items()
            for stage, told in stages.items()
        ],
        ignore_conflicts=True,
    )
    rules = tomllib.loads((_HERE / "rules.toml").read_text(encoding="utf-8"))
    CaseRule.objects.bulk_create(
        [CaseRule(key=key, value=str(value)) for key, value in rules.items()], ignore_conflicts=True
    )
