"""Before it is trusted, the count is shown records that are broken on purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kills.record import Acknowledged, CaseKept, Kept, compare

NUMBER, KEY = "230717-20260306-00001", "clerk0-1"
ACTS = ["case.registered", "case.screening_started", "case.classified", "case.dispatched", "case.signed"]
WHOLE = CaseKept(key=KEY, number=NUMBER, acts=ACTS, told=[1, None, None, 1, None], photos_on_disk=2)


@pytest.fixture
def acknowledged() -> Acknowledged:
    told = Acknowledged()
    told.sending(KEY)
    told.case(KEY, NUMBER, with_photo=True)
    for act in ACTS[1:]:
        told.act(NUMBER, act)
    return told


def test_a_whole_record_is_neither_lost_nor_doubled(acknowledged: Acknowledged) -> None:
    report = compare(acknowledged, Kept([WHOLE]))
    assert (report.lost, report.doubled, report.unsound) == ([], [], [])


def test_what_was_sent_and_never_acknowledged_may_be_there_or_not(acknowledged: Acknowledged) -> None:
    acknowledged.sending("clerk0-2")
    acknowledged.sending("clerk0-3")
    other = CaseKept(key="clerk0-2", number="230717-20260306-00002", acts=ACTS[:1], told=[1])
    assert not str(compare(acknowledged, Kept([WHOLE, other])))


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (Kept([]), "was acknowledged for clerk0-1 and is not there"),
        (Kept([replace(WHOLE, number="230717-20260306-00009")]), "is not there"),
        (Kept([replace(WHOLE, acts=ACTS[:4], told=[1, None, None, 1])]), "case.signed of"),
        (Kept([replace(WHOLE, photos_on_disk=0)]), "the photo of"),
        (Kept([replace(WHOLE, told=[0, None, None, 1, None])]), "never told to the requester"),
        (Kept([WHOLE], wakeups_left=1), "1 wake-ups were never answered"),
    ],
)
def test_a_loss_is_noticed(acknowledged: Acknowledged, kept: Kept, said: str) -> None:
    report = compare(acknowledged, kept)
    assert any(said in line for line in report.lost), report
    assert not report.doubled


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (Kept([WHOLE, replace(WHOLE, number="230717-20260306-00002")]), "clerk0-1 made 2 cases"),
        (
            Kept([replace(WHOLE, acts=[*ACTS, "case.signed"], told=[*WHOLE.told, None])]),
            "case.signed of 230717-20260306-00001 stands 2 times",
        ),
        (Kept([replace(WHOLE, told=[1, None, None, 2, None])]), "was told the requester 2 times"),
        (Kept([WHOLE], delivered_twice=1), "1 notices were delivered twice"),
    ],
)
def test_a_double_is_noticed(acknowledged: Acknowledged, kept: Kept, said: str) -> None:
    report = compare(acknowledged, kept)
    assert any(said in line for line in report.doubled), report
    assert not report.lost


def test_a_key_answered_with_two_numbers_is_a_double(acknowledged: Acknowledged) -> None:
    acknowledged.case(KEY, "230717-20260306-00002", with_photo=False)
    assert compare(acknowledged, Kept([WHOLE])).doubled


@pytest.mark.parametrize(
    "kept",
    [
        Kept([WHOLE], findings=["changed: case 230717-20260306-00001 line 2"]),
        Kept([replace(WHOLE, unsound="the row says closed, its journal signed")]),
        Kept([WHOLE, CaseKept(key="", number="230717-20260306-00002", acts=ACTS[:1], told=[1])]),
    ],
)
def test_what_does_not_fit_together_is_noticed(acknowledged: Acknowledged, kept: Kept) -> None:
    assert compare(acknowledged, kept).unsound
