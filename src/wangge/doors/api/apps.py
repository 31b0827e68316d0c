from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "wangge.doors.api"
    label = "api"

    def ready(self) -> None:
        # The sentences of notices are read in every process.
        from wangge.doors.api import messages  # noqa: F401
