from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "wangge.doors.shell"
    label = "shell"
