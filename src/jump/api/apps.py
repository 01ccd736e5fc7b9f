"""The API as a Django app: it holds the table of tokens."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "jump.api"
    label = "api"
    verbose_name = "API"
