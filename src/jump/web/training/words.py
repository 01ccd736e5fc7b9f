"""The words of training on pages."""

from django.utils.translation import gettext_lazy as _

LEVELS = {
    "grassroots": _("Grassroots"),
    "national": _("National"),
    "regional": _("Regional"),
    "interregional": _("Interregional"),
}
PROVIDERS = {
    "programme": _("The programme"),
    "movement": _("The co-operative movement"),
    "government": _("Government"),
    "other": _("Another body"),
}
COURSE_STATES = {
    "planned": ("blue", _("Planned")),
    "running": ("blue", _("Running")),
    "finished": ("good", _("Finished")),
}
ENROLMENTS = {
    "enrolled": ("blue", _("Taking part")),
    "completed": ("good", _("Completed")),
    "left": ("", _("Left")),
    "missed": ("", _("Not completed")),
}
EDITION_STATES = {
    "missing": ("", _("None")),
    "asked": ("warn", _("Asked for")),
    "draft": ("blue", _("In work")),
    "tested": ("blue", _("Tested")),
    "published": ("good", _("Published")),
    "withdrawn": ("bad", _("Withdrawn")),
}
WORK_KINDS = {
    "training_material": _("Training material"),
    "guideline": _("Guideline"),
    "curriculum": _("Curriculum"),
    "tool": _("Tool"),
}
LANGUAGE_NAMES = {
    "en": _("English"),
    "fr": _("French"),
    "es": _("Spanish"),
    "ar": _("Arabic"),
    "pt": _("Portuguese"),
    "th": _("Thai"),
    "tl": _("Tagalog"),
    "sw": _("Swahili"),
    "wo": _("Wolof"),
}
