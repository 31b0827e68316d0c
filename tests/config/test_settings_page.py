"""docs/settings.md names every variable the code reads, and no other."""

from __future__ import annotations

import re

from wangge.config import data_folder

READS = re.compile(
    r"""(?:\benv\.\w+|environ(?:\.get|\.setdefault|\.pop)?|getenv)[(\[]\s*["']([A-Z][A-Z0-9_]+)["']|envvar=["'](\w+)["']"""
)
# Read by others than us, or set and not read.
OTHERS = {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE", "PLAYWRIGHT_BROWSERS_PATH", "PATH",
          "PYTEST_XDIST_WORKER"}  # fmt: skip


def variables_in_code():
    found = set()
    for folder in ("src", "tests", "bench"):
        for path in (data_folder.CHECKOUT / folder).rglob("*.py"):
            for groups in READS.findall(path.read_text(encoding="utf-8")):
                found.update(name for name in groups if name)
    return found - OTHERS


def variables_in_docs():
    text = (data_folder.CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, flags=re.MULTILINE))


def test_the_page_and_the_code_name_the_same_variables():
    assert variables_in_code() == variables_in_docs()
