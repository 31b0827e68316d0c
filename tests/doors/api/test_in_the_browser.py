"""The pages for tokens in a real browser: made, copied, revoked, without breaking the page's own rules."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from town import Town
from wangge.doors.api.models import ApiToken

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_token_is_made_and_revoked(town: Town, page: Page, live_server: LiveServer) -> None:
    session = town.client("lu").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.goto("/desk/tokens/")
    page.locator("[name=name]").fill("巡查系统")
    page.locator("[name=appointment]").select_option(str(town.wu.holder.appointment_id))
    page.locator("[name=scopes][value='cases:read']").check()
    page.get_by_role("button", name="生成令牌").click()
    expect(page.locator("h1")).to_have_text("令牌已生成")
    expect(page.locator("main code")).to_contain_text("wangge_")
    expect(page.get_by_role("button", name="复制")).to_be_visible()
    page.get_by_role("link", name="返回令牌列表").click()
    expect(page.locator("table")).to_contain_text("巡查系统")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("table")).to_contain_text("已撤销")
    assert ApiToken.objects.get().revoked_at is not None
