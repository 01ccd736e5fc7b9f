"""When a question is asked, in words: `/data/readiness/other_programme = 'yes'` becomes "Only where … is “Yes”."

Without a script every question is on the page. Simple conditions are told; others say that the question may not apply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from jump.engines.evidence import api as evidence

_EQUAL = re.compile(r"^\(?\s*(?:current\(\))?[./\w-]*?/?([\w-]+)\s*(=|!=)\s*'([^']*)'\s*\)?$")
_CHOSEN = re.compile(r"^\(?\s*selected\(\s*[./\w-]*?/?([\w-]+)\s*,\s*'([^']*)'\s*\)\s*\)?$")
_JOINED = re.compile(r"\s+(and|or)\s+")


def in_words(condition: str, by_name: Mapping[str, evidence.FieldView]) -> str:
    """A sentence for the reader."""
    parts = _JOINED.split(condition.strip())
    words = [_one(part, by_name) for part in parts[::2]]
    if any(word is None for word in words) or len(set(parts[1::2])) > 1:
        return _("Leave it empty where it does not apply.")
    between = _(" or ") if "or" in parts[1::2] else _(" and ")
    return _("Only where %(condition)s.") % {"condition": between.join(word or "" for word in words)}


def _one(part: str, by_name: Mapping[str, evidence.FieldView]) -> str | None:
    found = _EQUAL.match(part.strip())
    if found:
        name, sign, code = found.groups()
    elif chosen := _CHOSEN.match(part.strip()):
        name, code = chosen.groups()
        sign = "="
    else:
        return None
    asked = by_name.get(name)
    if asked is None or not asked.label:
        return None
    answer = next((choice.label for choice in asked.choices if choice.code == code), code)
    facts = {"question": asked.label, "answer": answer}
    if not code:
        return (_("“%(question)s” is empty") if sign == "=" else _("“%(question)s” is filled in")) % facts
    if sign == "=":
        return _("“%(question)s” is “%(answer)s”") % facts
    return _("“%(question)s” is not “%(answer)s”") % facts
