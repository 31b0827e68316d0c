from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "wangge.doors.worker"
    label = "worker"
