from django.apps import AppConfig


class Open311Config(AppConfig):
    name = "wangge.doors.open311"
    label = "open311"
