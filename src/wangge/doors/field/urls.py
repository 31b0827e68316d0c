"""Addresses of the field door."""

from django.urls.resolvers import URLPattern

app_name = "field"
urlpatterns: list[URLPattern] = []
