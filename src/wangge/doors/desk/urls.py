"""Addresses of the desk door."""

from django.urls import path

from wangge.doors.desk import (
    admin_pages,
    audit_pages,
    case_list_pages,
    case_pages,
    duty_pages,
    grid_pages,
    intake_pages,
    notice_pages,
    organisation_pages,
    overview_pages,
)

app_name = "desk"
urlpatterns = [
    path("", case_list_pages.home, name="home"),
    path("queue", case_list_pages.queue, name="queue"),
    path("cases", case_list_pages.cases, name="cases"),
    path("register", intake_pages.register, name="register"),
    path("register/places", intake_pages.places, name="places"),
    path("cases/<str:number>", case_pages.case, name="case"),
    path("cases/<str:number>/contact", case_pages.contact, name="contact"),
    path("cases/<str:number>/journal", audit_pages.case_journal, name="case_journal"),
    path("cases/<str:number>/photos/<str:digest>", case_pages.photo, name="photo"),
    *(path(f"cases/<str:number>/{act}", case_pages.act_page(act), name=act) for act in case_pages.FORMS),
    path("matter-choices", duty_pages.matter_choices, name="matter_choices"),
    path("overview", overview_pages.overview, name="overview"),
    path("notices", notice_pages.notices, name="notices"),
    path("notices/read", notice_pages.all_read, name="notices_read"),
    path("notices/<int:notice_id>", notice_pages.open_notice, name="notice"),
    path("areas", grid_pages.area, name="areas"),
    path("areas/map", grid_pages.grid_map, name="grid_map"),
    path("areas/<str:code>", grid_pages.area, name="area"),
    path("duties", duty_pages.duties, name="duties"),
    path("duties/<str:code>", duty_pages.duty, name="duty"),
    path("admissions", duty_pages.admissions, name="admissions"),
    path("organisations", organisation_pages.organisations, name="organisations"),
    path("organisations/<str:code>", organisation_pages.organisation, name="organisation"),
    path("journal", audit_pages.journal, name="journal"),
    path("looks", audit_pages.looks, name="looks"),
    path("accounts", admin_pages.accounts, name="accounts"),
    path("security", admin_pages.security, name="security"),
]
