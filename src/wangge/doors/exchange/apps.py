from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "wangge.doors.exchange"
    label = "exchange"
