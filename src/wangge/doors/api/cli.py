"""`wangge tokens create|revoke|list`: tokens of programs, for whoever runs the server."""

from __future__ import annotations

import click

from wangge.doors.api.models import ApiToken
from wangge.doors.api.scopes import POSTS, Scope
from wangge.doors.api.token_forms import USUAL_DAYS
from wangge.doors.api.tokens import create_token, revoke_token, tokens_in
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.clock import now
from wangge.organisations.models import Appointment
from wangge.organisations.queries import in_force

COMMAND = Actor.system("command")


@click.group()
def tokens() -> None:
    """Make, revoke and list the tokens with which programs call the API (docs/api.md)."""


@tokens.command()
@click.argument("name")
@click.option("--user", required=True, help="Account name of whoever holds the post.")
@click.option("--role", type=click.Choice(sorted(POSTS)), help="Which of their posts, if they hold several.")
@click.option("--organisation", default="", help="Code of the post's organisation, if that is not enough.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(Scope.values))
@click.option("--days", type=click.IntRange(1), default=USUAL_DAYS, show_default=True)
def create(
    name: str, user: str, role: str | None, organisation: str, scopes: tuple[str, ...], days: int
) -> None:
    """Make a token for the program NAME and print it, this once."""
    at = now()
    appointment = _appointment(user, role, organisation)
    try:
        token, text = create_token(
            by=COMMAND, at=at, name=name, appointment=appointment, scopes=scopes, days=days
        )
    except Refusal as refusal:
        raise click.UsageError(str(refusal)) from None
    click.echo(
        f"{token.prefix}… acts as {appointment.post.code} until {token.expires_at:%Y-%m-%d}.", err=True
    )
    click.echo(text)


@tokens.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Take back the token that begins with PREFIX, as `list` shows it."""
    token = ApiToken.objects.filter(prefix=prefix.rstrip("…")).first()
    if token is None:
        raise click.UsageError(f"No token begins with {prefix}.")
    revoke_token(by=COMMAND, at=now(), token=token)
    click.echo(f"{token.prefix}… is revoked.")


@tokens.command("list")
@click.option("--district", default="", help="Only of this district, by its six digits.")
def list_(district: str) -> None:
    """Every token that was made, newest first: never the token itself."""
    at = now()
    for token in tokens_in(district):
        state = "revoked" if token.revoked_at else "over" if token.expires_at <= at else "valid"
        used = token.last_used_date.isoformat() if token.last_used_date else "never"
        click.echo(
            f"{token.prefix}…  {state:8}  until {token.expires_at:%Y-%m-%d}  used {used:10}  "
            f"{token.appointment.post.code}  {','.join(token.scopes)}  {token.name}"
        )


def _appointment(user: str, role: str | None, organisation: str) -> Appointment:
    found = in_force(now()).filter(user__username=user, post__role__in=POSTS)
    if role:
        found = found.filter(post__role=role)
    if organisation:
        found = found.filter(post__organisation__code=organisation)
    appointments = list(found.order_by("pk")[:2])
    if len(appointments) != 1:
        raise click.UsageError(
            f"{user} holds no such post now, or only one in which people act themselves."
            if not appointments
            else f"{user} holds several posts; add --role and --organisation."
        )
    return appointments[0]
