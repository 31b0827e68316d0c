from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "wangge.organisations"
    label = "organisations"
