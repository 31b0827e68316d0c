from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "wangge.foundation.webhooks"
    label = "webhooks"
