"""Identities planted wherever people write, show or mistype them, and looked for wherever they could leak.

First each searcher shows that it finds a leak built in on purpose. Then a story is told through the real
pages (`planted.story`), and all that came of it is searched: every answer on the way, the pages as
everybody, every column of every table (jobs, sessions and the journal among them), the files, the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from procrastinate.contrib.django import app as jobs
from pytest_django.fixtures import Settings

from makers import make_case
from planted.crawl import READS, crawl, look_after_an_act
from planted.searching import Leak, in_answer, in_files, in_tables, log_as_it_is_written
from planted.seeds import Find, Garden, find, find_in_bytes
from planted.story import Story
from town import FOUNDER, Town, recently
from wangge.cases.intake import Contact
from wangge.cases.models import Case
from wangge.doors.desk import case_sheet
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.models import Notice
from wangge.foundation.worktime import clock

PHONE = "10000091234"
NAME = "欧阳麒甲乙"
FOUND = Find("phone", PHONE)
#: The erasable columns for what people wrote. Of their texts the journal has salted digests.
COLUMNS_FOR_WORDS = {
    "cases_case.title", "cases_case.text", "cases_case.place", "cases_casenote.text", "privacy_look.reason",
}  # fmt: skip


# --- the searchers find what is there ---------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        PHONE, f"+86{PHONE}", "100 0009 1234", "100-0009-1234", "1 0 0 0 0 0 9 1 2 3 4", "100·0009·1234",
        "１０００００９１２３４", "幺零零零零零九幺二三四", f'<a href="tel:{PHONE}">',
        f"/follow?number={PHONE}",
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    assert FOUND in find(f"请打{written}，谢谢")


def test_everything_planted_is_found_and_its_mask_is_not() -> None:
    garden = Garden()
    told = [garden.name("a"), garden.phone("a"), garden.id_number("a"), garden.address("a"), garden.text("a")]
    assert {one.value for one in find("\n".join(told))} == set(garden.planted)
    assert {one.kind for one in find("\n".join(told))} == {
        "name", "phone", "id_number", "flat", "email", "plate", "words"
    }  # fmt: skip
    assert not find("欧阳** 100****1234 1****************X 麒麟阁小区**室 q***@planted.example 黑F*****")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_name_is_found_in_any_encoding(encoding: str) -> None:
    assert Find("name", NAME) in find_in_bytes(b"\xff\xd8\x00" + NAME.encode(encoding) + b"\x00\xff")


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: HttpResponse(f"<p>联系人 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}</p>"),
        lambda _: HttpResponseRedirect(f"/login?next=/{PHONE}"),
        lambda _: HttpResponse(headers={"X-Requester": PHONE}),
        lambda _: _with_cookie(PHONE),
        lambda folder: FileResponse((_file(folder / "photo", PHONE)).open("rb"), content_type="image/jpeg"),
    ],
    ids=["body", "redirect", "header", "cookie", "photo"],
)
def test_a_leak_in_an_answer_is_found(answer: Callable[[Path], HttpResponse], tmp_path: Path) -> None:
    assert in_answer(answer(tmp_path)) == {FOUND}


def test_leaks_of_the_case_page_are_found(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(town)
    contact = Contact(story.garden.name("contact"), story.garden.phone("contact"))
    case = make_case(town, at=recently(), contact=contact, text=story.garden.text("text of a case"))
    story.cases["hotline"] = case.number
    assert not look_after_an_act(story, case.number)
    # Somebody prints the contact for all; somebody prints the text for those who are to see it masked.
    monkeypatch.setattr(case_sheet, "shown_title", lambda case, _sight: case.requester.phone.unseal())
    found = {
        (leak.place.partition(":")[0], leak.found.kind) for leak in look_after_an_act(story, case.number)
    }
    assert {("chen", "phone"), ("song", "phone")} <= found
    monkeypatch.setattr(case_sheet, "shown_title", lambda case, _sight: case.text)
    found = {
        (leak.place.partition(":")[0], leak.found.kind) for leak in look_after_an_act(story, case.number)
    }
    assert ("song", "words") in found
    assert ("chen", "words") not in found


def _case_column(town: Town) -> None:
    Case.objects.filter(pk=make_case(town).pk).update(external_no="100 0009-1234")


def _journal_line(_town: Town) -> None:
    append(act="test.done", subject=Subject("test", "1"), by=FOUNDER, at=clock.now(), facts={"code": PHONE})


def _job(_town: Town) -> None:
    jobs.configure_task("remind").defer(to=[{"phone": f"+86 {PHONE}"}])


def _session(_town: Town) -> None:
    store = import_module("django.contrib.sessions.backends.db").SessionStore()
    store["draft"] = {"contact": PHONE}
    store.save()


def _notice(_town: Town) -> None:
    Notice.objects.create(
        recipient_kind="user", recipient_id="1", template="case.rate", params={"who": PHONE}, key="k",
        about_kind="case", about_id="1", created_at=clock.now(), deliver_at=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("leak", "places"),
    [
        (_case_column, {"cases_case.external_no"}),
        (_journal_line, {"journal_line.facts", "journal_line.canonical"}),
        (_job, {"procrastinate_jobs.args"}),
        (_session, {"django_session.session_data"}),
        (_notice, {"notices_notice.params"}),
    ],
)
def test_a_leak_in_a_table_is_found(town: Town, leak: Callable[[Town], None], places: set[str]) -> None:
    assert not in_tables()
    leak(town)
    assert in_tables() == {Leak(place, FOUND) for place in places}


def test_leaks_in_files_and_in_their_names_are_found(tmp_path: Path) -> None:
    _file(tmp_path / f"{PHONE}.jpg", "")
    _file(tmp_path / "deep" / "scan.bin", NAME, "gb18030")
    assert {(Path(leak.place).name, leak.found.value) for leak in in_files(tmp_path)} == {
        (f"{PHONE}.jpg", PHONE), ("scan.bin", NAME),
    }  # fmt: skip


def test_leaks_in_the_log_are_found_also_in_tracebacks() -> None:
    with log_as_it_is_written() as log:
        logging.getLogger("wangge.test").warning("registered for %s", NAME)
        try:
            raise ValueError(NAME[::-1])
        except ValueError:
            logging.getLogger("django.request").exception("broken")
        # The filter of the handler takes numbers out, as a last net.
        logging.getLogger("wangge.test").warning("registered for %s", PHONE)
    written = log.getvalue()
    assert find(written) == {Find("name", NAME)}
    assert NAME[::-1] in written, "the traceback was searched too"


# --- and there is nothing -----------------------------------------------------------------------------


def test_no_planted_identity_turns_up_where_it_must_not(town: Town, settings: Settings) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (100_000, 60))
    story, on_pages = Story(town), set[Leak]()
    with log_as_it_is_written() as log:
        story.after_each_act = lambda number: on_pages.update(look_after_an_act(story, number))
        story.tell()
        on_pages |= crawl(story)
    tables = in_tables()

    assert _told(story, story.leaks) == []
    assert _told(story, on_pages) == []
    assert _told(story, {leak for leak in tables if leak.found.kind != "words"}) == []
    assert {leak.place for leak in tables if leak.found.kind == "words"} == COLUMNS_FOR_WORDS
    assert _told(story, in_files(settings.FILES_DIR, settings.SEALS_DIR)) == []
    assert _told(story, {Leak("log", found) for found in find(log.getvalue())}) == []
    _something_was_there(story)


def _something_was_there(story: Story) -> None:
    """Clean pages prove nothing unless what was planted went in, and came out to whom it is meant for."""
    assert len(story.garden.planted) > 250
    for who in ("chen", "zhou", "receipt"):  # each asked for the contact, with a purpose or as its owner
        shown = {(found.kind, story.garden.where(found)) for found in story.browsers[who].shown}
        assert {("name", "contact"), ("phone", "contact")} <= shown
    for who, words in READS.items():
        unread = words - story.read.get(who, set())
        assert not unread, f"{who} may read them and never did: is the list right, or a page gone?"


def _told(story: Story, leaks: set[Leak]) -> list[str]:
    """Each leak in a line: where it was found, what it is, and where it was planted."""
    return sorted(f"{leak.place}: {leak.found.value}, {story.garden.where(leak.found)}" for leak in leaks)


def _file(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def _with_cookie(value: str) -> HttpResponse:
    response = HttpResponse()
    response.set_cookie("draft", value)
    return response
