"""Sealing rows anew after a key was added or the cipher changed, a batch at a time.

    last = 0
    while (last := reseal_batch(Identity, after=last)) is not None: ...

Each batch is one short transaction; a run that was stopped is started over. When every model of
`sealed_models()` is through, versions older than the current one no longer open anything.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models, transaction

from wangge.foundation.privacy.fields import SealedTextField


def sealed_models() -> list[type[models.Model]]:
    """Every model of the house with a sealed column."""
    return [model for model in apps.get_models() if sealed_fields(model)]


def sealed_fields(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, SealedTextField)]


def reseal_batch(model: type[models.Model], *, after: Any = 0, limit: int = 200) -> Any | None:
    """Seal the next `limit` rows anew with the current key; the last primary key done, None at the end.

    A model that keeps indexes beside its sealed columns names them in `INDEXES` and works them out again
    in a method `reindex`. No other column is written.
    """
    names = sealed_fields(model)
    with transaction.atomic():
        rows = list(
            model._default_manager.select_for_update(of=("self",)).filter(pk__gt=after).order_by("pk")[:limit]
        )
        for row in rows:
            for name in names:
                setattr(row, name, getattr(row, name).afresh())
            indexes = getattr(model, "INDEXES", ())
            if indexes:
                row.reindex()  # type: ignore[attr-defined]
            row.save(update_fields=[*names, *indexes])
    return rows[-1].pk if rows else None
