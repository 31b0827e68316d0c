"""Addresses of the shell."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "shell"


def _soon(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("home", _soon, name="home"),
    path("login", _soon, name="login"),
]
