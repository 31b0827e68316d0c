"""Where planted things are looked for: answers, every column of every table, files, the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils.module_loading import import_string
from pypdf import PdfReader

from planted.seeds import Find, find, find_in_bytes


@dataclass(frozen=True)
class Leak:
    """Something planted, and where it turned up."""

    place: str
    found: Find


# --- the database ------------------------------------------------------------------------------------


def in_tables() -> set[Leak]:
    """Every column of every table the app may read, as the database has it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, t.typname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE c.relkind IN ('r', 'p', 'm') ORDER BY c.relname, a.attnum"
        )
        columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in cursor.fetchall():
            columns.setdefault(table, []).append((column, kind))
        leaks: set[Leak] = set()
        for table, found in columns.items():
            shown = [f'"{column}"' if kind == "bytea" else f'"{column}"::text' for column, kind in found]
            cursor.execute(f'SELECT {", ".join(shown)} FROM "{table}"')
            for row in cursor:
                for (column, _kind), value in zip(found, row, strict=True):
                    leaks |= {Leak(f"{table}.{column}", one) for one in _in_value(table, column, value)}
    return leaks


def _in_value(table: str, column: str, value: object) -> set[Find]:
    if value is None:
        return set()
    if isinstance(value, memoryview | bytes):
        return find_in_bytes(bytes(value))
    if (table, column) == ("django_session", "session_data"):
        # Signed and packed, but anybody with the table can read it.
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        return find(repr(store.decode(str(value))))
    return find(str(value))


# --- answers -----------------------------------------------------------------------------------------


def in_answer(response: HttpResponse) -> set[Find]:
    """The body, the headers with the address it sends on to, and the cookies."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    is_text = response.headers.get("Content-Type", "").startswith(_TEXTS)
    found = find(body.decode()) if is_text else find_in_bytes(body)
    if response.headers.get("Content-Type", "") == "application/pdf":
        # Paper is packed: its words are read as its reader reads them, wherever a line ends.
        pages = PdfReader(io.BytesIO(body)).pages
        found |= find("".join("".join(page.extract_text().split()) for page in pages))
    head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = "\n".join(cookie.value for cookie in response.cookies.values())
    return found | find(head) | find(cookies)


_TEXTS = ("text/", "application/json", "application/geo")


# --- files and the log -------------------------------------------------------------------------------


def in_files(*folders: Path) -> set[Leak]:
    """Names and bytes of everything below the folders."""
    leaks: set[Leak] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder.parent))
            content = path.read_bytes() if path.is_file() else b""
            leaks |= {Leak(name, found) for found in find(name) | find_in_bytes(content)}
    return leaks


@contextmanager
def log_as_it_is_written() -> Iterator[io.StringIO]:
    """What reaches the log: the handler of the settings, with its filters, writing here."""
    told = settings.LOGGING["handlers"]["stderr"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    form = settings.LOGGING["formatters"][told["formatter"]]
    handler.setFormatter(logging.Formatter(form["format"], style=form["style"]))
    for name in told["filters"]:
        handler.addFilter(import_string(settings.LOGGING["filters"][name]["()"])())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield written
    finally:
        root.removeHandler(handler)
