from django.apps import AppConfig


class ResidentConfig(AppConfig):
    name = "wangge.doors.resident"
    label = "resident"
