"""Address of the figures."""

from django.urls import path

from wangge.doors.metrics import pages

app_name = "metrics"

urlpatterns = [path("metrics", pages.metrics, name="metrics")]
