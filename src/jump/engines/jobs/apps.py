"""The jobs app: posts, job spells and their proof."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jump.engines.jobs"
    label = "jobs"
    verbose_name = "Jobs"
