"""Django's name for this engine."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "jump.engines.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
