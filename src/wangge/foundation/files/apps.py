from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "wangge.foundation.files"
    label = "files"
