"""Posts as the journal names them ("230717.urban_management/department_handler"), in words."""

from __future__ import annotations

from collections.abc import Iterable

from wangge.organisations.models import Organisation
from wangge.organisations.roles import Role


def words_for(labels: Iterable[str]) -> dict[str, str]:
    """Body and role for each label, in one statement; what is no post's label stays as it is."""
    wanted = {label for label in labels if "/" in label}
    codes = {label.split("/", 1)[0] for label in wanted}
    names = {body.code: body.label for body in Organisation.objects.filter(code__in=codes)}
    return {label: _words(label, names) for label in wanted}


def _words(label: str, names: dict[str, str]) -> str:
    code, role = label.split("/", 1)
    return f"{names.get(code, code)} · {Role(role).label if role in Role.values else role}"
