"""What is printed: Chinese words that can be read back, fonts inside the file, no more than the page."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

import makers
import town as places
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.shell.paper.blocks import Facts, Paper, Table, Words
from wangge.doors.shell.paper.rendering import pdf_of
from wangge.foundation.journal.models import Line


def read(response: Any) -> PdfReader:
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "private, no-store"
    return PdfReader(io.BytesIO(response.content))


def words_in(reader: PdfReader) -> str:
    """All text; white space left out, for lines break anywhere in Chinese."""
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def printed(town: Town, who: str, name: str, case: Case) -> PdfReader:
    return read(town.client(who).get(reverse(f"desk:{name}", args=[case.number])))


# --- the case sheet ----------------------------------------------------------------------------------


def test_a_case_sheet_says_in_chinese_what_the_page_says(town: Town) -> None:
    case = makers.make_case(town, State.CLOSED, at=recently(30))
    words = words_in(printed(town, "chen", "print_sheet", case))
    for wanted in (
        "办理单", "伊美区网格协调指挥中心", case.number, "林都花园3号楼前的路灯三天没亮了", "路灯不亮",
        "伊美区城市管理综合执法局", "已更换灯泡和线路", "伊美区派单目录", "第1页，共", "林*", "100****1001",
    ):  # fmt: skip
        assert "".join(wanted.split()) in words, wanted


def test_paper_holds_masks_alone(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    for name in ("print_sheet", "print_slip"):
        words = words_in(printed(town, "wu", name, case))
        assert "林*" in words
        for secret in ("林秀英", "10000001001", "2单元501室", case.lookup_secret.unseal()):
            assert secret not in words


def test_who_does_not_read_the_text_prints_none(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    for who in ("song", "cai"):
        words = words_in(printed(town, who, "print_sheet", case))
        assert "路灯三天没亮" not in words
        assert "100****1001" not in words
        assert "路灯不亮" in words


def test_a_confidential_report_is_printed_without_who_made_it(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently(), confidential=True)
    words = words_in(printed(town, "wu", "print_slip", case))
    assert "林*" not in words
    assert "100****" not in words


def test_in_english_the_paper_is_english(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    client = town.client("chen")
    client.cookies["wangge_language"] = "en"
    words = words_in(read(client.get(reverse("desk:print_sheet", args=[case.number]))))
    assert "Casesheet" in words
    assert "YimeiUrbanManagementBureau" in words


def test_fonts_are_inside_the_file_in_part_and_none_is_thin(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    reader = printed(town, "chen", "print_sheet", case)
    fonts: dict[str, Any] = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].get_object().values():  # type: ignore[index]
            told = font.get_object()
            fonts[str(told["/BaseFont"])] = told
    assert {name.split("+")[1].split("-")[0] for name in fonts} == {"NotoSansSC", "NotoSerifSC"}
    for name, font in fonts.items():
        tag, face = name.lstrip("/").split("+")
        assert len(tag) == 6, "a subset has a tag of six letters"
        assert face.split("-")[1] == "Regular", face
        inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile3" in inner or "/FontFile2" in inner


# --- the slip ----------------------------------------------------------------------------------------


def test_a_slip_says_to_whom_what_and_until_when(town: Town) -> None:
    case = makers.make_case(town, State.DISPATCHED, at=recently())
    words = words_in(printed(town, "chen", "print_slip", case))
    for wanted in ("派单", "伊美区城市管理综合执法局", "签收", "路灯三天没亮", "承办单位不得自行办结"):
        assert wanted in words, wanted


def test_a_case_without_a_unit_has_no_slip(town: Town) -> None:
    case = makers.make_case(town, State.REGISTERED, at=recently())
    assert town.client("chen").get(reverse("desk:print_slip", args=[case.number])).status_code == 404


# --- the queue ---------------------------------------------------------------------------------------


def test_a_queue_is_printed_and_that_is_written_down(town: Town) -> None:
    cases = [
        makers.make_case(town, State.REGISTERED, at=recently() + timedelta(minutes=n)) for n in range(25)
    ]
    response = town.client("chen").post(reverse("desk:export_queue"), {"form": "pdf"})
    words = words_in(read(response))
    assert all(case.number in words for case in cases)
    assert words.count("工单编号") >= 2, "the titles stand on every page"
    line = Line.objects.get(act="export.made")
    assert (line.facts["list"], line.facts["form"], line.facts["rows"]) == ("queue", "pdf", 25)


def test_an_empty_queue_prints_that_nothing_waits(town: Town) -> None:
    words = words_in(read(town.client("fang").post(reverse("desk:export_queue"), {"form": "pdf"})))
    assert "没有待办工单" in words


def test_only_the_queue_is_printed_as_a_list(town: Town) -> None:
    assert town.client("chen").post(reverse("desk:export_cases"), {"form": "pdf"}).status_code == 400


# --- the receipt -------------------------------------------------------------------------------------


@pytest.fixture
def registered(town: Town) -> tuple[Case, str]:
    key = str(uuid.uuid4())
    told = {
        "channel": "walk_in", "text": "河畔小区门口的路灯不亮。", "request_type": "help",
        "priority": "normal", "who": "anonymous", "client_key": key, "area": places.GRID,
    }  # fmt: skip
    response = town.client("chen").post(reverse("desk:register"), told)
    assert response.status_code == 201
    assert key in response.content.decode()
    return Case.objects.get(client_key=key), key


def test_right_after_registration_the_receipt_is_printed_with_its_secret(
    town: Town, registered: tuple[Case, str]
) -> None:
    case, key = registered
    address = reverse("desk:print_receipt", args=[case.number])
    words = words_in(read(town.client("chen").post(address, {"client_key": key})))
    assert case.number in words
    assert case.lookup_secret.unseal() in words
    assert "受理回执" in words


def test_nobody_else_prints_the_secret(town: Town, registered: tuple[Case, str]) -> None:
    case, key = registered
    address = reverse("desk:print_receipt", args=[case.number])
    chen = town.client("chen")
    assert chen.get(address).status_code == 405
    for wrong in ("", "1", str(uuid.uuid4())):
        assert chen.post(address, {"client_key": wrong}).status_code == 404
    assert town.client("he").post(address, {"client_key": key}).status_code == 404
    assert town.client("wu").post(address, {"client_key": key}).status_code == 403
    Case.objects.filter(pk=case.pk).update(registered_at=case.registered_at - timedelta(hours=2))
    assert chen.post(address, {"client_key": key}).status_code == 404


# --- whatever is written -----------------------------------------------------------------------------

_strange = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
_markup = st.sampled_from(
    ['#panic("x")', '#read("/etc/passwd")', "$x$", "*b* _e_ `c` = h", "\\", "]#(1+1)[", "@ref <label>", "//c"]
)


@given(st.lists(st.one_of(_markup, _strange), min_size=1, max_size=4))
def test_words_are_set_as_words_whatever_they_look_like(texts: list[str]) -> None:
    with translation.override("zh-hans"):
        blocks = [Facts([(text, text) for text in texts]), Words(texts[0], "\n".join(texts)),
                  Table(["a"], [1], [[text] for text in texts], texts[0])]  # fmt: skip
        pdf = pdf_of(Paper(texts[0], texts[0], blocks, number=texts[0], foot=texts[0]))
    assert pdf.startswith(b"%PDF-")


def test_markup_in_a_request_is_printed_as_it_was_written(town: Town) -> None:
    text = '路灯坏了 #panic("typst") *粗体* $x^2$ `代码` #read("/etc/passwd")。'
    case = makers.make_case(town, State.IN_PROGRESS, at=recently(), text=text)
    assert "".join(text.split()) in words_in(printed(town, "chen", "print_sheet", case))
