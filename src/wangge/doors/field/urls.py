"""Addresses of the field door."""

from __future__ import annotations

from django.urls import path

from wangge.doors.field import case_pages, home_pages, notice_pages, offline, report_pages

app_name = "field"
urlpatterns = [
    path("", home_pages.home, name="home"),
    path("report", report_pages.report, name="report"),
    path("reports", report_pages.reports, name="reports"),
    path("checks", case_pages.checks, name="checks"),
    path("cases/<slug:number>", case_pages.case, name="case"),
    path("cases/<slug:number>/check", case_pages.check, name="check"),
    path("cases/<slug:number>/contact", case_pages.contact, name="contact"),
    path("cases/<slug:number>/photos/<slug:digest>", case_pages.photo, name="photo"),
    path("notices", notice_pages.notices, name="notices"),
    path("notices/read", notice_pages.all_read, name="notices_read"),
    path("notices/<int:notice_id>", notice_pages.open_notice, name="notice"),
    # For the service worker; neither knows who asks.
    path("offline/<slug:language>", offline.page, name="offline"),
    path("worker.js", offline.worker, name="worker"),
]
