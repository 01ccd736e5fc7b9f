from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "jump.engines.decisions"
    label = "decisions"
