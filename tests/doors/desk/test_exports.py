"""Lists of the desk as files: the rows of the page, no identity, nothing more than the post may see."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

import makers
import town as places
from doors.desk.reading import HTMX, text_of
from town import Town, recently
from wangge.cases.contact import look_at_contact
from wangge.cases.states import State
from wangge.doors.desk.export_lists import LISTS
from wangge.doors.desk.exporting import path_of, sweep_files, write_export
from wangge.doors.desk.models import ExportStage, LargeExport
from wangge.foundation.journal.models import Line
from wangge.foundation.worktime import clock

IDENTITIES = ("林秀英", "10000001001", "2单元501室", "林*", "100****1001")


def fetched(town: Town, who: str, what: str, form: str = "csv", address: str = "") -> Any:
    client = town.client(who)
    client.cookies["wangge_language"] = "en"
    return client.post(reverse(f"desk:export_{what}") + address, {"form": form})


def content_of(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def table(response: Any) -> list[dict[str, str]]:
    """A CSV as a spreadsheet opens it."""
    assert response.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"), newline="")))


def sheet(response: Any) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content_of(response)))
    return book.get_sheet_by_index(0).to_python()


# --- cases -------------------------------------------------------------------------------------------


def test_all_cases_leave_with_the_filters_of_the_page(town: Town) -> None:
    one = makers.make_case(town, State.IN_PROGRESS, at=recently())
    two = makers.make_case(town, State.REGISTERED, at=recently())
    assert [row["Case number"] for row in table(fetched(town, "chen", "cases"))] == [two.number, one.number]
    narrowed = table(fetched(town, "chen", "cases", address="?state=in_progress&before=1&nonsense=x"))
    assert [row["Case number"] for row in narrowed] == [one.number]
    assert narrowed[0]["Lead unit"] == "Yimei Urban Management Bureau"
    assert narrowed[0]["State"] == "In progress"
    assert narrowed[0]["Area"] == "Yimei District / Chaoyang Subdistrict / Yonghong Community / Grid 1"


def test_excel_holds_moments_and_numbers(town: Town) -> None:
    makers.make_case(town, State.CLOSED, at=recently(30))
    titles, row = sheet(fetched(town, "chen", "cases", "xlsx"))
    told = dict(zip(titles, row, strict=True))
    assert isinstance(told["Registered at"], datetime)
    assert isinstance(told["Ended at"], datetime)
    assert told["Times reopened"] == 0.0
    assert told["Area code"] == places.GRID


def test_the_queue_leaves_in_the_order_of_its_promises(town: Town) -> None:
    later = makers.make_case(town, State.REGISTERED, at=recently(2))
    sooner = makers.make_case(town, State.REGISTERED, at=recently(5))
    makers.make_case(town, State.IN_PROGRESS, at=recently())
    numbers = [row["Case number"] for row in table(fetched(town, "chen", "queue"))]
    assert numbers == [sooner.number, later.number]
    assert table(fetched(town, "chen", "queue", address="?state=to_dispatch")) == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_list_holds_an_identity(town: Town, form: str) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    look_at_contact(by=town.wu.holder, case=case, at=clock.now(), purpose="contact")
    for what, chosen in LISTS.items():
        who = town.with_role(sorted(chosen.roles)[0])
        response = fetched(town, who.name, what, form)
        told = content_of(response).decode() if form == "csv" else str(sheet(response))
        for identity in (*IDENTITIES, case.lookup_secret.unseal()):
            assert identity not in told, what


def test_who_reads_no_text_exports_none(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS, at=recently(), text="三单元张家的路灯坏了。")
    for who in ("song", "cai", "han"):
        (row,) = table(fetched(town, who, "cases"))
        assert row["Case"] == "Street lamp out"


def test_nobody_exports_cases_of_elsewhere(town: Town) -> None:
    makers.make_case(town, State.IN_PROGRESS, at=recently(), area_code=places.NEXT_GRID)
    other = makers.make_case(town, at=recently(), area_code=places.OTHER_GRID, place_words="翠峦")
    assert table(fetched(town, "he", "cases")) == []
    assert other.number not in str(table(fetched(town, "chen", "cases")))


def test_words_like_a_formula_come_out_as_words(town: Town) -> None:
    makers.make_case(town, at=recently(), text='=HYPERLINK("http://evil.example")路灯坏了，请处理。')
    (row,) = table(fetched(town, "chen", "cases"))
    assert row["Case"].startswith("'=HYPERLINK")
    assert sheet(fetched(town, "chen", "cases", "xlsx"))[1][1].startswith("=HYPERLINK")


def test_many_rows_come_in_batches_without_gap_or_double(town: Town, monkeypatch) -> None:
    monkeypatch.setattr("wangge.doors.desk.export_lists.BATCH", 3)
    numbers = {makers.make_case(town, at=recently(4) + timedelta(minutes=n)).number for n in range(10)}
    for what in ("cases", "queue"):
        told = [row["Case number"] for row in table(fetched(town, "chen", what))]
        assert len(told) == 10
        assert set(told) == numbers
    assert len(table(fetched(town, "cai", "journal"))) == Line.objects.filter(subject_kind="case").count()


# --- the other lists ---------------------------------------------------------------------------------


def test_organisations_and_areas_of_the_district(town: Town) -> None:
    told = table(fetched(town, "wu", "organisations"))
    assert "Yimei Water Company" in {row["Name"] for row in told}
    assert "Wucui Command Centre" not in {row["Name"] for row in told}
    areas = table(fetched(town, "chen", "areas"))
    assert {row["Code"] for row in areas} == {code for code in town.areas if code.startswith(places.DISTRICT)}
    (grid,) = [row for row in areas if row["Code"] == places.GRID]
    assert (grid["Households"], grid["Level"]) == ("320", "Grid")
    titles, first, *_rest = sheet(fetched(town, "chen", "areas", "xlsx"))
    assert type(first[titles.index("In use since")]).__name__ == "date"


def test_the_catalogue_narrowed_as_its_page(town: Town) -> None:
    assert len(table(fetched(town, "cao", "duties"))) == len(town.matters)
    (row,) = table(fetched(town, "cao", "duties", address="?words=路灯"))
    assert (row["Code"], row["Check on site"]) == ("ROAD-05", "no")


def test_the_auditor_takes_lines_with_their_hashes(town: Town) -> None:
    case = makers.make_case(town, State.DISPATCHED, at=recently())
    told = table(fetched(town, "cai", "journal"))
    assert [row["Code"] for row in told] == [
        "case.dispatched", "case.classified", "case.screening_started", "case.registered",
    ]  # fmt: skip
    line = Line.objects.get(subject_id=case.number, act="case.dispatched")
    assert told[0]["Hash"] == bytes(line.hash).hex()
    assert told[0]["Hash before"] == told[1]["Hash"]


def test_reasons_of_looks_leave_with_the_privacy_officer_alone(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    look_at_contact(by=town.wu.holder, case=case, at=clock.now(), purpose="contact", reason="电话约上门时间")
    (row,) = table(fetched(town, "peng", "looks"))
    assert (row["Reason given"], row["Case number"]) == ("电话约上门时间", case.number)
    (row,) = table(fetched(town, "cai", "looks"))
    assert row["Reason given"] == ""
    assert table(fetched(town, "peng", "looks", address="?purpose=callback")) == []


# --- each is an act ----------------------------------------------------------------------------------


def test_every_export_is_written_down_without_what_was_searched_for(town: Town) -> None:
    makers.make_case(town, at=recently())
    for _ in range(2):
        content_of(fetched(town, "chen", "cases", address="?words=林秀英"))
    content_of(fetched(town, "chen", "cases", "xlsx", "?words=路灯"))
    lines = list(Line.objects.filter(act="export.made").order_by("pk"))
    assert [(line.facts["form"], line.facts["rows"]) for line in lines] == [
        ("csv", 0),
        ("csv", 0),
        ("xlsx", 1),
    ]
    assert lines[0].facts["filter"] == lines[1].facts["filter"] != lines[2].facts["filter"]
    assert lines[0].post_id == town.chen.holder.post_id
    assert "林" not in bytes(lines[0].canonical).decode()


def test_an_address_alone_exports_nothing(town: Town) -> None:
    client = town.client("chen")
    assert client.get(reverse("desk:export_cases")).status_code == 405
    assert client.post(reverse("desk:export_cases"), {"form": "docx"}).status_code == 400
    assert not Line.objects.filter(act="export.made").exists()


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("cao", "cases"), ("song", "queue"), ("chen", "journal"), ("chen", "looks"), ("zhou", "cases"),
        ("lin", "organisations"),
    ],
)  # fmt: skip
def test_a_list_leaves_with_nobody_who_may_not_open_it(town: Town, who: str, what: str) -> None:
    assert fetched(town, who, what).status_code == 403


# --- long lists --------------------------------------------------------------------------------------


@pytest.fixture
def large(town: Town) -> LargeExport:
    for n in range(3):
        makers.make_case(town, at=recently(4) + timedelta(minutes=n))
    with override_settings(EXPORT_DIRECT_ROWS=2):
        answer = fetched(town, "chen", "cases", "xlsx", "?open_only=on")
    export = LargeExport.objects.get()
    assert answer.headers["Location"] == reverse("desk:export", args=[export.pk])
    return export


def test_a_long_list_is_written_by_the_worker(town: Town, large: LargeExport, desk) -> None:
    job = ProcrastinateJob.objects.get(task_name="write_export")
    assert job.args == {"export_id": large.pk}
    client = desk(town.chen)
    page = client.get(reverse("desk:export", args=[large.pk]))
    assert "0 / 3" in text_of(page)
    assert client.get(reverse("desk:export_file", args=[large.pk])).status_code == 404
    write_export(large.pk, clock.now)
    write_export(large.pk, clock.now)  # a job may come twice
    piece = text_of(client.get(reverse("desk:export", args=[large.pk]), headers=HTMX))
    assert "3 rows are in the file" in piece
    told = sheet(client.get(reverse("desk:export_file", args=[large.pk])))
    assert len(told) == 4
    line = Line.objects.get(act="export.made")
    assert (line.facts["rows"], line.post_id) == (3, town.chen.holder.post_id)
    assert "All cases" in text_of(client.get(reverse("desk:exports")))


def test_a_long_list_is_nobody_elses(town: Town, large: LargeExport) -> None:
    write_export(large.pk, clock.now)
    for who in ("tang", "bai", "cai"):
        for page in ("desk:export", "desk:export_file"):
            assert town.client(who).get(reverse(page, args=[large.pk])).status_code == 404


def test_who_lost_the_post_gets_no_file(town: Town, large: LargeExport) -> None:
    LargeExport.objects.filter(pk=large.pk).update(post_id=town.cai.holder.post_id)
    write_export(large.pk, clock.now)
    large.refresh_from_db()
    assert large.stage == ExportStage.FAILED
    assert large.token == ""


def test_after_a_day_the_file_is_gone(town: Town, large: LargeExport, desk) -> None:
    write_export(large.pk, clock.now)
    large.refresh_from_db()
    path = path_of(large.token)
    assert path.is_relative_to(settings.FILES_DIR)
    assert path.stat().st_mode & 0o077 == 0
    assert sweep_files(clock.now()) == 0
    assert path.exists()
    assert sweep_files(clock.now() + timedelta(days=1, minutes=1)) == 1
    assert not path.exists()
    assert desk(town.chen).get(reverse("desk:export_file", args=[large.pk])).status_code == 404
    page = text_of(desk(town.chen).get(reverse("desk:export", args=[large.pk])))
    assert "The day of this file is over" in page


def test_a_killed_worker_begins_the_file_anew(town: Town, large: LargeExport) -> None:
    LargeExport.objects.filter(pk=large.pk).update(stage=ExportStage.WRITING, token="0" * 32, rows=1)
    path_of("0" * 32).parent.mkdir(exist_ok=True)
    path_of("0" * 32).write_bytes(b"half")
    write_export(large.pk, clock.now)
    large.refresh_from_db()
    assert (large.stage, large.rows) == (ExportStage.DONE, 3)
    assert not path_of("0" * 32).exists()


def test_no_path_is_made_of_what_somebody_typed() -> None:
    for typed in ("../../etc/passwd", "", "A" * 32):
        with pytest.raises(ValueError, match="token"):
            path_of(typed)


def test_the_buttons_carry_the_filters(town: Town, desk) -> None:
    makers.make_case(town, at=recently())
    page = desk(town.chen).get(reverse("desk:cases"), {"state": "registered", "before": "99"})
    assert 'action="/desk/exports/cases?state=registered"' in page.content.decode()
    assert "With contacts" in text_of(page)
    assert "With contacts" not in text_of(desk(town.wu).get(reverse("desk:cases")))
