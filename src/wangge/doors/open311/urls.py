"""Addresses below `/open311/`: a page that explains the door, and the calls of GeoReport v2."""

from __future__ import annotations

from django.urls import path, re_path, register_converter

from wangge.doors.open311 import pages, views


class Notation:
    """The end of an address, which says how the answer is to be written."""

    regex = "json|xml"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Notation, "notation")

app_name = "open311"
urlpatterns = [
    path("", pages.about, name="about"),
    path("v2/", pages.root, name="root"),
    path("v2/discovery.<notation:form>", views.discovery, name="discovery"),
    path("v2/services.<notation:form>", views.services, name="services"),
    path("v2/services/<str:code>.<notation:form>", views.service_definition, name="service"),
    path("v2/requests.<notation:form>", views.requests, name="requests"),
    path("v2/requests/<str:number>.<notation:form>", views.request_by_id, name="request"),
    path("v2/tokens/<str:number>.<notation:form>", views.token, name="token"),
    path("v2/servicerequestupdates.<notation:form>", views.updates, name="updates"),
    re_path("", views.nowhere, name="nowhere"),
]
