"""Addresses of the resident door: the site's first page and everything a resident needs."""

from __future__ import annotations

from django.urls import path

from wangge.doors.resident import account_pages, act_pages, own_pages, public_pages, report_pages

app_name = "resident"
urlpatterns = [
    path("", public_pages.home, name="home"),
    # reporting
    path("report", report_pages.start, name="report"),
    path("report/<slug:key>/what", report_pages.what, name="report_what"),
    path("report/<slug:key>/where", report_pages.where, name="report_where"),
    path("report/<slug:key>/contact", report_pages.contact, name="report_contact"),
    path("report/<slug:key>/check", report_pages.check, name="report_check"),
    path("report/<slug:key>/renew", report_pages.renew, name="report_renew"),
    path("report/<slug:key>/photos/<slug:digest>", report_pages.photo, name="report_photo"),
    # one's own requests
    path("follow", own_pages.follow, name="follow"),
    path("requests", own_pages.mine, name="mine"),
    path("requests/<slug:number>", own_pages.case, name="case"),
    path("requests/<slug:number>/receipt", own_pages.receipt, name="receipt"),
    path("requests/<slug:number>/receipt.pdf", own_pages.receipt_pdf, name="receipt_pdf"),
    path("requests/<slug:number>/my-data", own_pages.my_data, name="my_data"),
    path("requests/<slug:number>/photos/<int:attachment>", own_pages.photo, name="photo"),
    path("requests/<slug:number>/forget", own_pages.forget, name="forget"),
    path("requests/<slug:number>/rate", act_pages.rate, name="rate"),
    path("requests/<slug:number>/reopen", act_pages.reopen, name="reopen"),
    path("requests/<slug:number>/review", act_pages.review, name="review"),
    path("requests/<slug:number>/withdraw", act_pages.withdraw, name="withdraw"),
    # for everybody
    path("board", public_pages.board, name="board"),
    path("g/<str:code>/", public_pages.grid, name="grid"),
    path("g/<str:code>/qr.svg", public_pages.grid_code, name="grid_code"),
    path("grids", public_pages.grids, name="grids"),
    path("your-data", public_pages.privacy, name="privacy"),
    path("account", account_pages.open_account, name="account"),
]
