"""`wangge doctor`: look at an installation as a careful colleague would, and say what to mend."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import click
import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from wangge.config import catalogues, static_files
from wangge.config.grants import append_only_tables
from wangge.foundation.privacy.keys import KeysMissing, KeysUnusable, keyring

OLDEST_POSTGRESQL = 15
SECRET_LENGTH = 50


@dataclass(frozen=True)
class Finding:
    well: bool
    good: str
    bad: str = ""
    mend: str = ""


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check this installation and say what to mend. Exit code 1 if anything is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
    django.setup()
    findings = list(examine())
    for finding in findings:
        if finding.well:
            click.echo(f"ok     {finding.good}")
        else:
            click.echo(f"WRONG  {finding.bad}\n       {finding.mend}")
    wrong = sum(not finding.well for finding in findings)
    click.echo(f"{wrong} of {len(findings)} checks found something to mend." if wrong else "All is well.")
    ctx.exit(1 if wrong else 0)


def examine() -> Iterator[Finding]:
    reachable = _reachable()
    yield reachable
    if reachable.well:
        for check in (_server, _migrations, _login):
            yield from check()
    yield from _secrets()
    yield from _pages()


# --- the database ---------------------------------------------------------------------------------


def _reachable() -> Finding:
    try:
        return Finding(True, f"The database {_one('SELECT current_database()')} answers.")
    except DatabaseError as error:
        outside = os.environ.get("DATABASE_URL")
        return Finding(
            False,
            good="",
            bad=f"The database does not answer: {str(error).strip().splitlines()[0]}",
            mend="Check DATABASE_URL and the server." if outside else "Start it:  wangge database start",
        )


def _server() -> Iterator[Finding]:
    major = int(str(_one("SELECT current_setting('server_version_num')"))) // 10000
    yield Finding(
        major >= OLDEST_POSTGRESQL,
        good=f"PostgreSQL is version {major}.",
        bad=f"PostgreSQL is version {major}.",
        mend=f"Version {OLDEST_POSTGRESQL} or newer is needed.",
    )
    encoding = _one(
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
    )
    yield Finding(
        encoding == "UTF8",
        good="Text is stored as UTF8.",
        bad=f"Text is stored as {encoding}.",
        mend="Create the database with ENCODING 'UTF8'.",
    )
    # Similarity search splits words by character class; with ctype C, Chinese characters belong to none.
    yield Finding(
        bool(_one("SELECT '路' ~ '[[:alpha:]]'")),
        good="Chinese characters count as letters.",
        bad="Chinese characters do not count as letters, so search by similarity finds nothing.",
        mend="Create the database with a locale other than C, such as C.UTF-8.",
    )


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in waiting)
    yield Finding(
        not waiting,
        good="All migrations are applied.",
        bad=f"Migrations wait: {names}.",
        mend="Apply them:  wangge migrate",
    )


def _login() -> Iterator[Finding]:
    login = _one("SELECT current_user::text")
    apart = "Let DATABASE_URL name a login of its own, such as wangge_app; then:  wangge migrate"
    yield Finding(
        not _one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"),
        good=f"The running login {login} is an ordinary one.",
        bad=f"The running login {login} is a superuser: no rule of the database binds it.",
        mend=apart,
    )
    # Membership counts: a member of the owner's role may do what the owner may.
    owned = _all(
        "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace"
        " AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname"
    )
    history = sorted(set(owned) & append_only_tables()) or owned
    yield Finding(
        not owned,
        good="The running login owns no table.",
        bad=f"The running login owns {', '.join(history[:3])}: it could rewrite history.",
        mend=apart,
    )
    existing = set(connection.introspection.table_names())
    loose = [
        f"{right} {table}"
        for table in sorted(append_only_tables() & existing)
        for right in ("UPDATE", "DELETE", "TRUNCATE")
        if _one("SELECT has_table_privilege(current_user, %s, %s)", [table, right])
    ]
    yield Finding(
        not loose,
        good="The running login can add to the journal and change nothing in it.",
        bad=f"The running login may {', '.join(loose)}.",
        mend="Take it back:  wangge migrate",
    )


# --- secrets and pages ----------------------------------------------------------------------------


def _secrets() -> Iterator[Finding]:
    yield Finding(
        len(settings.SECRET_KEY) >= SECRET_LENGTH,
        good="The secret key is long enough.",
        bad="The secret key is short.",
        mend=f"Set WANGGE_SECRET_KEY to {SECRET_LENGTH} or more random characters.",
    )
    keys = settings.KEYS_FILE
    yield Finding(
        os.access(keys, os.R_OK),
        good=f"The keys of sealed fields are in {keys}.",
        bad=f"{keys} is not there or cannot be read: names and phones stay sealed.",
        mend="Bring the file back, or set WANGGE_KEYS_FILE to where it is.",
    )
    if keys.exists():
        yield _whole_keys()
        yield Finding(
            not keys.stat().st_mode & 0o077,
            good="Nobody else can read the keys.",
            bad="Others can read the keys.",
            mend=f"chmod 600 {keys}",
        )
    yield Finding(
        settings.HTTPS or settings.DEMO,
        good="Cookies travel over TLS only."
        if settings.HTTPS
        else "This is a demo: cookies travel without TLS.",
        bad="Cookies travel without TLS.",
        mend="Put a proxy with TLS in front and take WANGGE_HTTPS=0 away.",
    )


def _whole_keys() -> Finding:
    try:
        versions = keyring().versions()
    except (KeysMissing, KeysUnusable) as error:
        return Finding(
            False,
            good="",
            bad=f"The keys cannot be used: {error}",
            mend="Bring the file back from its backup.",
        )
    return Finding(True, good=f"The keys are whole (versions {', '.join(map(str, versions))}).")


def _pages() -> Iterator[Finding]:
    yield Finding(
        static_files.built(),
        good="Scripts and styles are built.",
        bad="Scripts and styles are not built.",
        mend="Build them:  make setup",
    )
    stale = [path.parents[3].name for path in catalogues.catalogue_files() if not catalogues.compiled(path)]
    yield Finding(
        not stale,
        good="Translations are compiled.",
        bad=f"Translations are not compiled: {', '.join(stale)}.",
        mend="Compile them:  wangge translations compile",
    )


# --- small things ---------------------------------------------------------------------------------


def _all(query: str, values: list[str] | None = None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def _one(query: str, values: list[str] | None = None) -> object:
    found = _all(query, values)
    return found[0] if found else None
