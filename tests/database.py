"""The test database: made once per state of the migrations, copied per run, cleared by its owner.

Tests run under the login of the app, which may neither create nor clear tables. What only an owner can do
goes through `as_owner`: a connection of its own, outside Django.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from wangge.config import data_folder, embedded
from wangge.config.schema import bring_up_to_date
from wangge.territory import memory

SOURCE = data_folder.CHECKOUT / "src" / "wangge"
TEMPLATE_PREFIX = "wangge_template_"
# What the content of a freshly migrated database depends on.
INPUTS = ["**/migrations/*.py", "**/models.py", "**/models/*.py", "**/defaults.py", "**/defaults/**/*",
          "config/grants.py", "config/schema.py"]  # fmt: skip
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@contextlib.contextmanager
def as_owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    url = embedded.connection_urls(settings.DATA_DIR, database)["owner"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def make_test_database() -> None:
    """A fresh copy of the migrated template under the name of this run; Django's connections point to it."""
    make_database(settings.TEST_DATABASE)
    _point_django_to(settings.TEST_DATABASE)


def make_database(name: str, *, copy_of: str = "") -> None:
    """A database of this name: a copy of another one nobody is connected to, or else of the template."""
    if copy_of:
        with as_owner("postgres") as connection:
            _copy(connection, copy_of, name)
        return
    with as_owner("postgres") as connection:
        # One at a time over all runs on this server: a template cannot be copied while somebody fills it.
        connection.execute("SELECT pg_advisory_lock(hashtext('wangge test template'))")
        template = TEMPLATE_PREFIX + _fingerprint()
        if not _exists(connection, template):
            for (old,) in connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE_PREFIX]
            ).fetchall():
                _drop(connection, old)
            _make_template(connection, template)
        _copy(connection, template, name)


def drop_test_database() -> None:
    for connection in connections.all():
        connection.close()
    drop_database(settings.TEST_DATABASE)


def drop_database(name: str) -> None:
    with as_owner("postgres") as connection:
        _drop(connection, name)


@contextlib.contextmanager
def pointing_at(name: str) -> Iterator[None]:
    """Django's connections lead to another database while this lasts; the memory of the land is put aside."""
    before = str(connections["default"].settings_dict["NAME"])
    _point_django_to(name)
    memory.forget()
    try:
        yield
    finally:
        _point_django_to(before)
        memory.forget()


class Clearing:
    """Puts the database back to its freshly migrated state after a test that really committed."""

    def __init__(self) -> None:
        with as_owner(settings.TEST_DATABASE) as connection:
            self.tables = self._tables(connection)
            self.reference = {
                table: self._content(connection, table)
                for table in self.tables
                if self._sum(connection, [table])[table] != EMPTY
            }
            self.sums = self._sum(connection, list(self.reference))
            self.pointing_at = self._references(connection)

    def clear(self) -> None:
        with as_owner(settings.TEST_DATABASE) as connection:
            # A request or job still under way must not hold the suite up for ever.
            connection.execute("SET lock_timeout = '20s'")
            sums = self._sum(connection, self.tables)
            changed = {table for table in self.tables if sums[table] != self.sums.get(table, EMPTY)}
            if not changed:
                return
            with connection.transaction():
                emptied = self._with_all_that_points_at(changed)
                connection.execute(
                    sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, sorted(emptied))))
                )
                for table in sorted(emptied & self.reference.keys()):
                    columns, content = self.reference[table]
                    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
                        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
                    )
                    with connection.cursor() as cursor, cursor.copy(command) as copy:
                        copy.write(content)

    def _with_all_that_points_at(self, tables: set[str]) -> set[str]:
        found, todo = set(tables), list(tables)
        while todo:
            for pointing in self.pointing_at.get(todo.pop(), set()) - found:
                found.add(pointing)
                todo.append(pointing)
        return found

    @staticmethod
    def _tables(connection: psycopg.Connection[Any]) -> list[str]:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
        ).fetchall()
        return [name for (name,) in rows if name not in KEPT]

    @staticmethod
    def _references(connection: psycopg.Connection[Any]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for target, pointing in connection.execute(
            "SELECT target.relname, pointing.relname FROM pg_constraint"
            " JOIN pg_class target ON target.oid = confrelid"
            " JOIN pg_class pointing ON pointing.oid = conrelid"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        ).fetchall():
            found.setdefault(target, set()).add(pointing)
        return found

    @staticmethod
    def _sum(connection: psycopg.Connection[Any], tables: list[str]) -> dict[str, tuple[int, str]]:
        if not tables:
            return {}
        query = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {}, count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t"
            ).format(sql.Literal(table), sql.Identifier(table))
            for table in tables
        )
        return {table: (count, total) for table, count, total in connection.execute(query).fetchall()}

    @staticmethod
    def _content(connection: psycopg.Connection[Any], table: str) -> tuple[list[str], bytes]:
        columns = [
            name
            for (name,) in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                [f'public."{table}"'],
            ).fetchall()
        ]
        command = sql.SQL("COPY {} ({}) TO STDOUT").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor() as cursor, cursor.copy(command) as copy:
            return columns, b"".join(bytes(block) for block in copy)


EMPTY = (0, "0")


def _make_template(connection: psycopg.Connection[Any], template: str) -> None:
    draft = f"{template}_draft"
    _drop(connection, draft)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    _point_django_to(draft)
    bring_up_to_date()
    for django_connection in connections.all():
        django_connection.close()
    connection.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (draft, template)))
    )


def _point_django_to(name: str) -> None:
    for django_connection in connections.all():
        django_connection.close()
        django_connection.settings_dict["NAME"] = name


def _copy(connection: psycopg.Connection[Any], source: str, name: str) -> None:
    _drop(connection, name)
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(source)
        )
    )


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _fingerprint() -> str:
    files = {path for pattern in INPUTS for path in SOURCE.glob(pattern) if path.is_file()}
    files = {path for path in files if "__pycache__" not in path.parts}
    files |= {data_folder.CHECKOUT / "requirements" / "runtime.txt", Path(__file__)}
    digest = hashlib.sha256(repr(settings.INSTALLED_APPS).encode())
    for path in sorted(files):
        digest.update(f"{path}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
