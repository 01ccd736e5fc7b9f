"""Django's name for this engine."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "jump.engines.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"
