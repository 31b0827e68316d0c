from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "wangge.foundation.privacy"
    label = "privacy"
