"""docs/journal.md lists every name that acts write into the journal, and no other."""

import ast
import re
from pathlib import Path

from wangge.cases.states import PAST

CHECKOUT = Path(__file__).parents[3]
NAME = re.compile(r"[a-z_]+\.[a-z_]+")


def names_in_code():
    found = {f"case.{past}" for past in PAST.values()}
    for path in (CHECKOUT / "src" / "wangge").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= {word for word in words_of(node) if NAME.fullmatch(word)}
    return found


def words_of(call):
    """What is given as `act=`, or first to `Entry` and to `written`."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [keyword.value for keyword in call.keywords if keyword.arg == "act"]
    if called in {"Entry", "PastAct", "written"}:
        given += call.args[:1]
    return [
        value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]


def test_the_page_and_the_code_know_the_same_names():
    page = (CHECKOUT / "docs" / "journal.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z_.]+)` \|", page, flags=re.MULTILINE)
    assert listed == sorted(listed)
    assert set(listed) == names_in_code()
