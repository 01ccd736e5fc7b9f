"""Forms of the jobs pages that no package declares."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.web.acting import KeyedForm
from jump.web.forms import DayField

ENDINGS: tuple[tuple[str, Any], ...] = (
    ("", ""),
    ("season", _("The season ended")),
    ("closed", _("The enterprise closed")),
    ("left", _("They left by choice")),
    ("dismissed", _("They were dismissed")),
    ("illness", _("Illness or family")),
    ("better_job", _("They found better work")),
    ("other", _("Another reason")),
)


class EndForm(KeyedForm):
    """The last day of a job, and why it ended."""

    on = DayField(label=_("Last day of work"))
    reason = forms.ChoiceField(label=_("Why did it end?"), choices=ENDINGS)
    words = forms.CharField(label=_("In your words"), max_length=160, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        words = {code: str(text) for code, text in ENDINGS}
        chosen = words.get(str(cleaned.get("reason", "")), "")
        cleaned["why"] = ": ".join(part for part in (chosen, cleaned.get("words", "")) if part)
        return cleaned
