from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "jump.engines.cases"
    label = "cases"
