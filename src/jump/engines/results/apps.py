"""The results app: frameworks, indicators, values, frozen figures, plans, assumptions, reference figures."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "jump.engines.results"
    label = "results"
    verbose_name = "Results"
