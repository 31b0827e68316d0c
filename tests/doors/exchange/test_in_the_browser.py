"""One upload from the file on somebody's disk to the report, in a real browser, with a real worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from doors.exchange.files import csv_bytes, orders, written
from serving import Serving
from town import PASSWORD, Town
from wangge.cases.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_file_goes_in_while_one_watches(
    serving: Serving, town: Town, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    rows = orders(30)
    rows[4]["受理时间"] = "三月六日"
    path = written(tmp_path, csv_bytes(rows), "三月工单.csv")
    serving.start_web()
    page = open_page(serving.url)
    page.goto("/login?next=/desk/import/")
    page.fill("input[name=username]", town.chen.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.get_by_role("main").get_by_role("link", name="导入文件").first.click()
    page.set_input_files("input[name=file]", path)
    page.get_by_role("button", name="试读文件").click()
    expect(page.get_by_role("heading", name="三月工单.csv")).to_be_visible()
    expect(page.get_by_text("尚未写入任何内容。")).to_be_visible()
    expect(page.get_by_text("“三月六日”不是日期时间。")).to_be_visible()
    assert Case.objects.count() == 0
    page.get_by_role("button", name="导入合格的行").click()
    expect(page.get_by_text("排队中")).to_be_visible()
    serving.start_worker()
    # Nobody touches the page any more: it asks for itself.
    expect(page.get_by_text("已完成")).to_be_visible(timeout=60_000)
    expect(page.locator(".figure-value").nth(1)).to_have_text("29")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 CSV 报告").click()
    report = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "YC20260306000005" in report
    assert "林秀英" not in report
    assert Case.objects.count() == 29
