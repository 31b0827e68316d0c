from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "wangge.duties"
    label = "duties"
