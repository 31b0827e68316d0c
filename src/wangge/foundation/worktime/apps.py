from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    name = "wangge.foundation.worktime"
    label = "worktime"
