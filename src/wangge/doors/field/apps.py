from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "wangge.doors.field"
    label = "field"
