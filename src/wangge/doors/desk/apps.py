from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "wangge.doors.desk"
    label = "desk"
