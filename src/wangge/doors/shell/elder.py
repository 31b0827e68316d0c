"""Elder mode: main text from 24 px (18 pt) to 40 px (30 pt), larger things to press.

After 互联网网站适老化通用设计规范 (MIIT 2021). The choice lives in a cookie and works without script.
"""

from __future__ import annotations

from django.http import HttpRequest

COOKIE = "wangge_elder"
#: Size of main text in CSS pixels, by step; the style sheet knows them as data-elder="1" to "4".
SIZES = {1: 24, 2: 28, 3: 34, 4: 40}


def elder_size(request: HttpRequest) -> int:
    """The chosen step, 0 for the ordinary size."""
    value = request.COOKIES.get(COOKIE, "")
    return int(value) if value.isdecimal() and int(value) in SIZES else 0
