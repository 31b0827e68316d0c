from django.apps import AppConfig

from wangge.doors.exchange.menu import MENU
from wangge.doors.shell.menu import offer_more


class ExchangeConfig(AppConfig):
    name = "wangge.doors.exchange"
    label = "exchange"

    def ready(self) -> None:
        offer_more("desk", MENU)
