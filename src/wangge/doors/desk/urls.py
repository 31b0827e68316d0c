"""Addresses of the desk door. What can be no number, code or digest leads nowhere."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from wangge.doors.desk import (
    admin_pages,
    audit_pages,
    case_list_pages,
    case_pages,
    duty_pages,
    export_pages,
    grid_pages,
    intake_pages,
    notice_pages,
    organisation_pages,
    overview_pages,
    paper_pages,
)
from wangge.doors.desk.export_lists import LISTS


class CaseNumber(StringConverter):
    regex = "[0-9]{6}-[0-9]{8}-[0-9]{5,9}"


class Digest(StringConverter):
    regex = "[0-9a-f]{64}"


class Code(StringConverter):
    """Of an area, a matter or an organisation."""

    regex = "[A-Za-z0-9_.-]{1,60}"


for _converter, _name in ((CaseNumber, "case_number"), (Digest, "digest"), (Code, "code")):
    register_converter(_converter, _name)

app_name = "desk"
urlpatterns = [
    path("", case_list_pages.home, name="home"),
    path("queue", case_list_pages.queue, name="queue"),
    path("cases", case_list_pages.cases, name="cases"),
    path("register", intake_pages.register, name="register"),
    path("register/places", intake_pages.places, name="places"),
    path("cases/<case_number:number>", case_pages.case, name="case"),
    path("cases/<case_number:number>/contact", case_pages.contact, name="contact"),
    path("cases/<case_number:number>/journal", audit_pages.case_journal, name="case_journal"),
    path("cases/<case_number:number>/photos/<digest:digest>", case_pages.photo, name="photo"),
    path("cases/<case_number:number>/sheet.pdf", paper_pages.print_sheet, name="print_sheet"),
    path("cases/<case_number:number>/slip.pdf", paper_pages.print_slip, name="print_slip"),
    path("cases/<case_number:number>/receipt.pdf", paper_pages.print_receipt, name="print_receipt"),
    *(
        path(f"cases/<case_number:number>/{act}", case_pages.act_page(act), name=act)
        for act in case_pages.FORMS
    ),
    path("matter-choices", duty_pages.matter_choices, name="matter_choices"),
    path("overview", overview_pages.overview, name="overview"),
    path("notices", notice_pages.notices, name="notices"),
    path("notices/read", notice_pages.all_read, name="notices_read"),
    path("notices/<int:notice_id>", notice_pages.open_notice, name="notice"),
    path("areas", grid_pages.area, name="areas"),
    path("areas/map", grid_pages.grid_map, name="grid_map"),
    path("areas/<code:code>", grid_pages.area, name="area"),
    path("duties", duty_pages.duties, name="duties"),
    path("duties/<code:code>", duty_pages.duty, name="duty"),
    path("admissions", duty_pages.admissions, name="admissions"),
    path("organisations", organisation_pages.organisations, name="organisations"),
    path("organisations/<code:code>", organisation_pages.organisation, name="organisation"),
    path("journal", audit_pages.journal, name="journal"),
    path("looks", audit_pages.looks, name="looks"),
    path("exports", export_pages.exported, name="exports"),
    *(path(f"exports/{code}", export_pages.export_page(code), name=f"export_{code}") for code in LISTS),
    path("exports/files/<int:export_id>", export_pages.export, name="export"),
    path("exports/files/<int:export_id>/file", export_pages.export_file, name="export_file"),
    path("exports/ask", export_pages.export_ask, name="export_ask"),
    path("exports/requests/<int:request_id>/approve", export_pages.export_approve, name="export_approve"),
    path("exports/requests/<int:request_id>/refuse", export_pages.export_refuse, name="export_refuse"),
    path("exports/requests/<int:request_id>/fetch", export_pages.export_fetch, name="export_fetch"),
    path("accounts", admin_pages.accounts, name="accounts"),
    path("security", admin_pages.security, name="security"),
]
