"""Back up, destroy, put back: everything is as it was, and the journal says so itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import House

COUNTS = (
    "SELECT (SELECT count(*) FROM cases_case), (SELECT count(*) FROM journal_line),"
    " (SELECT count(*) FROM files_storedfile), (SELECT count(*) FROM accounts_user)"
)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a town, some cases with photos, and a sealed journal; every test leaves it as it was."""
    with House(tmp_path_factory.mktemp("lived_in") / "house") as house:
        house.wangge("keys", "create")
        house.python(Path(__file__).parent / "live_in.py")
        house.wangge("journal", "seal")
        yield house


def counts(house: House) -> tuple[int, ...]:
    with house.connect() as connection:
        row = connection.execute(COUNTS).fetchone()
    assert row is not None
    return tuple(row)


def files_of(house: House) -> dict[str, bytes]:
    environment = house.serving().environment
    folder = Path(environment["WANGGE_TEST_DATA_DIR"])
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and {"files", "seals"} & set(path.parts)
    }


def test_a_destroyed_installation_comes_back_whole(lived_in: House, tmp_path: Path) -> None:
    before, files = counts(lived_in), files_of(lived_in)
    assert before[0] >= 3
    assert files
    folder = Path(lived_in.wangge("backup", str(tmp_path / "backups")).splitlines()[-1])
    assert not list(folder.parent.glob("*.part"))
    assert "keys" not in {path.name.partition(".")[0] for path in folder.iterdir()}

    with lived_in.connect() as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    for name in files:
        (Path(lived_in.serving().environment["WANGGE_TEST_DATA_DIR"]) / name).unlink()

    said = lived_in.wangge("restore", str(folder))
    assert f"sound: {before[1]} lines" in said
    assert counts(lived_in) == before
    assert files_of(lived_in) == files
    # And it serves: the app's login has its rights again, the sealed names open with the keys kept apart.
    serving = lived_in.serving()
    try:
        serving.start_web()
    finally:
        serving.stop()
    assert lived_in.python(Path(__file__).parent / "live_in.py", "names") == "林秀英"


def test_cases_are_not_thrown_away_by_mistake(lived_in: House, tmp_path: Path) -> None:
    before = counts(lived_in)
    folder = lived_in.wangge("backup", str(tmp_path)).splitlines()[-1]
    assert "--replace" in lived_in.refused("restore", folder)
    assert counts(lived_in) == before
    lived_in.wangge("restore", folder, "--replace")
    assert counts(lived_in) == before


def test_nobody_may_be_at_work_meanwhile(lived_in: House, tmp_path: Path) -> None:
    folder = lived_in.wangge("backup", str(tmp_path)).splitlines()[-1]
    before = counts(lived_in)
    with lived_in.connect("app") as connection:
        connection.execute("SELECT 1")
        assert "1 other connections" in lived_in.refused("restore", folder, "--replace")
    assert counts(lived_in) == before


@pytest.mark.parametrize("hurt", ["cut", "gone", "no manifest", "odd manifest"])
def test_a_damaged_backup_touches_nothing(lived_in: House, tmp_path: Path, hurt: str) -> None:
    folder = Path(lived_in.wangge("backup", str(tmp_path)).splitlines()[-1])
    before = counts(lived_in)
    if hurt == "cut":
        with (folder / "database.dump").open("r+b") as file:
            file.truncate(1000)
    elif hurt == "gone":
        (folder / "files.tar").unlink()
    elif hurt == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        (folder / "manifest.json").write_text(json.dumps([1]))
    said = lived_in.refused("restore", str(folder), "--replace")
    assert "another backup" in said or "is no backup" in said
    assert counts(lived_in) == before


def test_a_backup_that_cannot_be_written_leaves_nothing(lived_in: House, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "cannot be made" in lived_in.refused("backup", str(tmp_path / "file" / "below"))
    assert sorted(path.name for path in tmp_path.iterdir() if "wangge-" in path.name) == []
