"""Addresses of the pages for tokens, on the desk."""

from django.urls import path

from wangge.doors.api import token_pages

app_name = "tokens"
urlpatterns = [
    path("", token_pages.tokens, name="list"),
    path("<int:token_id>/revoke", token_pages.revoke, name="revoke"),
]
