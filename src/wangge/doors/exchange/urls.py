"""Addresses of imports on the desk, below /desk/import/."""

from django.urls import path

from wangge.doors.exchange import pages

app_name = "exchange"
urlpatterns = [
    path("", pages.imports, name="imports"),
    path("upload", pages.upload, name="upload"),
    path("<int:run_id>", pages.run, name="run"),
    path("<int:run_id>/start", pages.start, name="start"),
    path("<int:run_id>/drop", pages.drop, name="drop"),
    path("<int:run_id>/report", pages.report, name="report"),
]
