"""Languages: texts in package data, direction of writing."""

from collections.abc import Mapping

from django.utils.translation import get_language

FALLBACK = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def text(value: Mapping[str, str] | str | None, language: str | None = None) -> str:
    """The sentence in the reader's language, else in English, else in any: never a blank where there is a text.

    >>> text({"en": "Letter of interest", "fr": "Lettre d’intérêt"}, "fr")
    'Lettre d’intérêt'
    >>> text({"en": "Workshop"}, "ar")
    'Workshop'
    """
    if value is None or isinstance(value, str):
        return value or ""
    wanted = (language or get_language() or FALLBACK).split("-")[0]
    return value.get(wanted) or value.get(FALLBACK) or next(iter(value.values()), "")


def direction(language: str | None = None) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if (language or get_language() or FALLBACK).split("-")[0] in RIGHT_TO_LEFT else "ltr"
