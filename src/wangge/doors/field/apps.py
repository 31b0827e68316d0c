from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "wangge.doors.field"
    label = "field"

    def ready(self) -> None:
        # The menu names roles, whose room is loaded by now and not before.
        from wangge.doors.field.menu import MENU
        from wangge.doors.shell.menu import offer

        offer("field", MENU)
