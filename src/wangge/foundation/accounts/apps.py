from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "wangge.foundation.accounts"
    label = "accounts"
