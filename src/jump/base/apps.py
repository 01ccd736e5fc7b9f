"""The base app: what every engine shares and no domain knows."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "jump.base"
    label = "base"
    verbose_name = "Base"

    def ready(self) -> None:
        from jump.base import db

        db.connect_checks()
