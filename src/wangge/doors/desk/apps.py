from django.apps import AppConfig

from wangge.doors.desk.menu import MENU
from wangge.doors.shell.menu import offer


class DeskConfig(AppConfig):
    name = "wangge.doors.desk"
    label = "desk"

    def ready(self) -> None:
        offer("desk", MENU)
