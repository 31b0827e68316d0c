"""Against formalism (基层减负): the phone measures nobody. It is a property of the code, so it is tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

import wangge.doors.field
from town import Town
from wangge.config.data_folder import CHECKOUT

FIELD = Path(wangge.doors.field.__file__).parent
ISLANDS = [CHECKOUT / "islands" / name for name in ("drafts.ts", "draft_photos.ts", "field_worker.ts")]
#: Check-ins, tracks, time online, rankings, quotas: none of it has a word here.
BANNED = re.compile(
    r"check.?in\b|clock.?in\b|geolocation|watchPosition|data-locate|locate=True|track|trajectory|online.?time|"
    r"leaderboard|ranking|quota|打卡|签到|轨迹|在线时长|排名|排行|定额|任务量|积分排",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "path", [*FIELD.rglob("*.py"), *FIELD.rglob("*.html"), *FIELD.rglob("*.po"), *ISLANDS], ids=str
)
def test_no_word_of_measuring_people(path: Path):
    said = [line for line in path.read_text("utf-8").splitlines() if BANNED.search(line)]
    # The door says once, in its first line, that nothing is tracked.
    assert [line for line in said if "nothing is counted or tracked" not in line] == []


def test_the_door_keeps_nothing_of_its_own():
    assert list(apps.get_app_config("field").get_models()) == []


def test_a_report_takes_no_place_but_the_one_chosen_by_hand(town: Town):
    page = town.client("zhou").get("/field/report").content.decode()
    assert '"locate": false' in page
    assert "geolocation" not in page
