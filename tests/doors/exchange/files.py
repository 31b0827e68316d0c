"""Work orders as hotlines export them, as CSV and as Excel workbooks, and the command that takes them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from click.testing import CliRunner, Result

import town as places
from wangge.doors.exchange.cli import cases

TITLES = [
    "工单编号", "受理时间", "办理时限", "紧急程度", "是否保密", "是否需回复", "诉求类型", "来源",
    "一级分类", "二级分类", "三级分类", "四级分类", "五级分类", "内容", "地点", "所属街道", "所属社区",
    "来电人", "联系电话", "转派意见", "是否申请延期",
]  # fmt: skip
ORDER = {
    "工单编号": "YC20260306000001", "受理时间": "2026-03-06 08:12:30", "办理时限": "2026-03-13 17:30",
    "紧急程度": "一般", "是否保密": "否", "是否需回复": "是", "诉求类型": "求助", "来源": "电话",
    "一级分类": "城乡建设", "二级分类": "市政设施", "三级分类": "道路照明", "四级分类": "路灯",
    "五级分类": "路灯不亮",
    "内容": "林都花园3号楼前的路灯三天没亮了，晚上老人下楼看不清路。", "地点": "林都花园3号楼前",
    "所属街道": "朝阳街道", "所属社区": "永红社区", "来电人": "林秀英", "联系电话": "10000001001",
    "转派意见": "请伊美区核实办理并回复诉求人。", "是否申请延期": "否",
}  # fmt: skip


def orders(count: int, **changed: Any) -> list[dict[str, Any]]:
    """So many good work orders with numbers of their own."""
    return [
        {
            **ORDER,
            "工单编号": f"YC20260306{number:06d}",
            "内容": f"林都花园{number}号楼前的路灯不亮。",
            "联系电话": f"1{number:010d}",
            **changed,
        }
        for number in range(1, count + 1)
    ]


def csv_bytes(
    rows: Sequence[dict[str, Any]], titles: Sequence[str] = TITLES, encoding: str = "utf-8"
) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, titles, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(rows: Sequence[dict[str, Any]], titles: Sequence[str] = TITLES, sheet: str = "工单") -> bytes:
    """A workbook with real types: dates as dates, figures as figures, numbers of records as text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm"})
    page = book.add_worksheet(sheet)
    page.write_row(0, 0, titles)
    for number, row in enumerate(rows, start=1):
        for place, title in enumerate(titles):
            value = row.get(title)
            if isinstance(value, str):
                page.write_string(number, place, value)
            elif value is not None:
                page.write(number, place, value)
    book.close()
    return out.getvalue()


def take_in(path: Path, *options: str) -> Result:
    """`wangge cases import` for the hotline and Lin's district, unless said otherwise."""
    given = list(options)
    if "--channel" not in given:
        given += ["--channel", "hotline_12345"]
    if "--district" not in given:
        given += ["--district", places.DISTRICT]
    return CliRunner().invoke(cases, ["import", str(path), *given], catch_exceptions=False)


def written(folder: Path, content: bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
