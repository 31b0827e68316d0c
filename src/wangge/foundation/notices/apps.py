from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "wangge.foundation.notices"
    label = "notices"
