from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "wangge.doors.worker"
    label = "worker"

    def ready(self) -> None:
        # The sentences of notices are read in the web process, where nothing else of the worker runs.
        from wangge.doors.worker import messages  # noqa: F401
