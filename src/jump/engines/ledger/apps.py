"""The ledger as a Django app."""

from django.apps import AppConfig
from django.core import checks


class LedgerConfig(AppConfig):
    name = "jump.engines.ledger"
    label = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        from jump.engines.ledger.models.guards import check_guards

        checks.register(check_guards, checks.Tags.database)
