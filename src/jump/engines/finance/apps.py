"""Finance as a Django app."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "jump.engines.finance"
    label = "finance"
    verbose_name = "Finance"
