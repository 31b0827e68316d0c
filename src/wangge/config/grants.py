"""What the login of web and worker may do to each table. Set anew after every migration, by the owner.

An ordinary table may be read and written; a model with `append_only = True` may be read and added to;
Django's list of applied migrations may be read. Nothing of it belongs to the app's login.
"""

from __future__ import annotations

from django.apps import apps
from django.db import connections, transaction
from psycopg import sql

READ_ONLY_TABLES = {"django_migrations"}
EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def append_only_tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table for model in models if getattr(model, "append_only", False)}


def privileges_of(table: str) -> tuple[str, ...]:
    if table in READ_ONLY_TABLES:
        return ("SELECT",)
    if table in append_only_tables():
        return ("SELECT", "INSERT")
    return ("SELECT", "INSERT", "UPDATE", "DELETE")


def grant_to_app(*, owner: str = "owner", app: str = "default") -> None:
    """Give the login of connection `app` its privileges, through connection `owner`."""
    role = login_of(app)
    if role == login_of(owner):
        raise RuntimeError(
            "DATABASE_URL and DATABASE_OWNER_URL use the same login. The pages must not run under the owner "
            "of the tables: create a login of its own for them."
        )
    with transaction.atomic(using=owner), connections[owner].cursor() as cursor:
        to = sql.Identifier(role)
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = (sql.Identifier(name) for name in cursor.fetchone() or ())
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm') ORDER BY relname"
        )
        tables = [row[0] for row in cursor.fetchall()]
        statements = [
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, to),
            sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}").format(schema, to),
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, to),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, to),
            sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {} TO {}").format(schema, to),
        ]
        for table in tables:
            name = sql.Identifier(table)
            granted = privileges_of(table)
            refused = [right for right in EVERYTHING if right not in granted]
            statements += [
                sql.SQL("REVOKE {} ON {} FROM PUBLIC, {}").format(sql.SQL(", ".join(refused)), name, to),
                sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(", ".join(granted)), name, to),
            ]
        for statement in statements:
            cursor.execute(statement)


def login_of(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user")
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])
