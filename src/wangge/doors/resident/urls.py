"""Addresses of the resident door."""

from django.urls.resolvers import URLPattern

app_name = "resident"
urlpatterns: list[URLPattern] = []
