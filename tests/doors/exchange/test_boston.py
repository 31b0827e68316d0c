"""Another country's hotline through the same import: 81,408 real requests of Boston's 311.

A few rows of its form stand here; the requests themselves are read where they lie beside the checkout.
What cannot be mapped is named: their end has no callback, their point may be none, their hours may not be.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cases.soundness import assert_sound
from doors.exchange.files import take_in
from serving import Serving
from town import FOUNDED, FOUNDER
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.exchange.models import ImportFault, ImportRun
from wangge.foundation.journal.verifying import verify_journal
from wangge.territory.actions import add_area

CHECKOUT = Path(__file__).resolve().parents[3]
SHARED_DATA = Path(os.environ.get("WANGGE_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")
REQUESTS = SHARED_DATA / "boston311" / "requests_2015_jan_aug.parquet"
MAPPING = CHECKOUT / "docs" / "how-to" / "mappings" / "boston311.toml"
BOSTON = "110199"  # no district of GB/T 2260 as of today; a name for a place without grids
ZONE = ZoneInfo("America/New_York")
NOWHERE = (-71.0587, 42.3594)
#: 100,000 rows are to fit into this.
MOST_MB = 500

TITLES = [
    "case_id", "opened", "due", "closed", "on_time", "status", "closure_reason", "title", "subject", "reason",
    "type", "queue", "department", "neighborhood", "ward", "precinct", "police_district", "source", "lat",
    "lon",
]  # fmt: skip
SAMPLE = [
    ["1", "2015-01-01 00:25:23", "2015-01-16 08:30:00", "2015-01-02 16:17:43", "ONTIME", "Closed",
     "Case Closed Duplicate", "PRINTED", "Public Works Department", "Street Lights", "Street Light Outages",
     "PWDx_Street Light Outages", "PWDx", "Fenway", "Ward 5", "502", "D4", "App", "42.3474", "-71.0944"],
    ["2", "2015-07-01 12:00:00", "", "", "ONTIME", "Open", "", "Rodent Activity", "Inspectional Services",
     "Environmental Services", "Rodent Activity", "ISD", "ISD", "", "", "", "", "Constituent Call", "42.3594",
     "-71.0587"],
    ["3", "2015-03-08 02:30:00", "", "", "ONTIME", "Open", "", "x", "y", "z", "t", "q", "d", "", "", "", "",
     "Call", "42.3", "-71.1"],
    ["4", "2015-05-02 10:00:00", "", "2015-05-01 10:00:00", "ONTIME", "Closed", "", "x", "y", "z", "t", "q",
     "d", "", "", "", "", "Call", "42.3", "-71.1"],
]  # fmt: skip


@pytest.fixture
def boston(db: None) -> None:
    add_area(code=BOSTON, name="波士顿", name_en="Boston", by=FOUNDER, at=FOUNDED)


def requests(most: int | None = None) -> list[list[str]]:
    """The real requests as text, oldest first; those of the sample where there are none."""
    if not REQUESTS.is_file():
        return SAMPLE
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(REQUESTS)
    table = table.slice(0, most) if most else table
    columns = [table.column(title).to_pylist() for title in TITLES]
    return [["" if cell is None else str(cell) for cell in row] for row in zip(*columns, strict=True)]


def written(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "boston.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([TITLES, *rows])
    return path


def moment(text: str) -> datetime | None:
    wall = datetime.fromisoformat(text).replace(tzinfo=ZONE) if text else None
    return wall.astimezone(UTC) if wall else None


def wrong(row: list[str]) -> str:
    """What must be said of a row, worked out once more from the data."""
    told = dict(zip(TITLES, row, strict=True))
    for name in ("opened", "due", "closed"):
        at = moment(told[name])
        if at and at.astimezone(ZONE).replace(tzinfo=None) != datetime.fromisoformat(told[name]):
            return "no_such_hour"
    opened, closed = moment(told["opened"]), moment(told["closed"])
    return "ends_before_it_begins" if opened and closed and closed < opened else ""


def assert_all_in(rows: list[list[str]]) -> None:
    """Every request with its moments, point and end, and every bad one named."""
    bad = {number: code for number, row in enumerate(rows, start=2) if (code := wrong(row))}
    faults = ImportFault.objects.filter(refuses=True).order_by("row").values_list("row", "code")
    assert dict(faults) == bad
    run = ImportRun.objects.get()
    assert (run.rows, run.taken, run.refused) == (len(rows), len(rows) - len(bad), len(bad))
    kept = {
        case["external_no"]: case
        for case in Case.objects.filter(source_system="boston311").values(
            "external_no", "external_due_at", "ended_at", "lon", "lat", "state", "lookup_secret",
            "foreign_record__received_at", "foreign_record__status", "foreign_record__result", "area_code",
        ).iterator()
    }  # fmt: skip
    assert len(kept) == len(rows) - len(bad)
    for number, row in enumerate(rows, start=2):
        if number in bad:
            continue
        told = dict(zip(TITLES, row, strict=True))
        case = kept[told["case_id"]]
        assert case["foreign_record__received_at"] == moment(told["opened"])
        assert case["external_due_at"] == moment(told["due"])
        assert case["ended_at"] == moment(told["closed"])
        assert case["state"] == (State.ARCHIVED if told["closed"] else State.REGISTERED)
        assert case["foreign_record__status"] == told["status"]
        point = (float(told["lon"]), float(told["lat"]))
        assert (case["lon"], case["lat"]) == ((None, None) if point == NOWHERE else point)
        assert case["area_code"] == BOSTON


def options() -> list[str]:
    return ["--channel", "hotline_12345", "--district", BOSTON, "--mapping", str(MAPPING)]


def test_what_boston_says_goes_in_and_what_it_cannot_mean_is_named(boston: None, tmp_path: Path) -> None:
    answer = take_in(written(tmp_path, SAMPLE), *options())
    assert answer.exit_code == 1
    assert "left out by the mapping (no area registered here)" in answer.output
    assert_all_in(SAMPLE)
    first = Case.objects.select_related("foreign_record").get(external_no="1")
    assert first.text == "PRINTED · Street Light Outages · Street Lights"
    assert first.foreign_record.unit == "PWDx / PWDx_Street Light Outages"
    assert first.foreign_record.result == "Case Closed Duplicate"
    assert not first.outcome, "nobody asked whether it was solved"


def test_two_thousand_real_requests(boston: None, tmp_path: Path) -> None:
    rows = requests(2000)
    assert take_in(written(tmp_path, rows), *options()).exit_code in {0, 1}
    assert_all_in(rows)
    for case in Case.objects.order_by("?")[:20]:
        assert_sound(case)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_all_of_them_in_bounded_memory(boston: None, tmp_path: Path) -> None:
    rows = requests()
    path = written(tmp_path, rows)
    command = [sys.executable, "-c", _CHILD, str(path), *options()]
    done = subprocess.run(command, env=Serving().environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)
    assert int(done.stdout.split()[-1]) / 1024 < MOST_MB
    assert_all_in(rows)
    assert verify_journal().sound


_CHILD = """
import pathlib, re, sys
import django
django.setup()
from wangge.doors.exchange.cli import cases
try:
    cases(["import", *sys.argv[1:]])
except SystemExit as ended:
    assert ended.code in (0, 1), ended.code
# Not ru_maxrss: that one also counts the process this one was forked from.
print(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""
