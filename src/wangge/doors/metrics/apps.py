from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "wangge.doors.metrics"
    label = "metrics"
