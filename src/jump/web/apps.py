"""The web application, as Django sees it."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their frame, and the words kept for a person whose sign-in ran out."""

    name = "jump.web"
    label = "web"
    verbose_name = "JUMP pages"
