"""Fills a form as a person would: what the story knows is given, the rest is made up to fit the question."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jump.engines.evidence import api as evidence

UNASKED = frozenset({"note", "calculate", "hidden", "image", "audio", "video", "file", "start", "end", "geopoint"})


class Filler:
    """Makes answers. ``texts`` are the sentences by question name."""

    def __init__(self, rng: random.Random, texts: Mapping[str, Any]) -> None:
        self.rng = rng
        self.by_name: Mapping[str, Sequence[str]] = texts["by_name"]
        self.any: Sequence[str] = texts["any"]
        self._forms: dict[str, evidence.FormView] = {}

    def answers(self, form: str, on: date, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answers to every question that must be answered; those given as they are, others made up."""
        made: dict[str, Any] = {}
        self._fill(self._form(form).fields, given, on, made)
        return made

    def codes(self, form: str, name: str) -> list[str]:
        """The codes of a question's choices, in the order of the form."""

        def search(fields: Sequence[evidence.FieldView]) -> list[str]:
            for one in fields:
                if one.name == name and one.choices:
                    return [choice.code for choice in one.choices]
                if one.children and (found := search(one.children)):
                    return found
            return []

        return search(self._form(form).fields)

    def _form(self, form: str) -> evidence.FormView:
        """The form as it was first read: the story's forms do not change while it is told."""
        if form not in self._forms:
            self._forms[form] = evidence.form(form, language="en")
        return self._forms[form]

    def _fill(
        self, fields: Sequence[evidence.FieldView], given: Mapping[str, Any], on: date, made: dict[str, Any]
    ) -> None:
        for field in fields:
            if field.type == "group":
                self._fill(field.children, given, on, made)
            elif field.type == "repeat":
                rows = given.get(field.name) or []
                made[field.name] = [self._row(field.children, row, on) for row in rows]
            elif field.name in given:
                if given[field.name] is not None:
                    made[field.name] = given[field.name]
            elif field.required and field.type not in UNASKED and not field.relevant:
                made[field.name] = self._value(field, on)

    def _row(self, fields: Sequence[evidence.FieldView], given: Mapping[str, Any], on: date) -> dict[str, Any]:
        made: dict[str, Any] = {}
        self._fill(fields, given, on, made)
        return made

    def _value(self, field: evidence.FieldView, on: date) -> Any:
        codes = [choice.code for choice in field.choices]
        match field.type:
            case "select_one":
                return "yes" if "yes" in codes and "no" in codes else self.rng.choice(codes)
            case "select_multiple" | "rank":
                return sorted(self.rng.sample(codes, min(len(codes), 2)))
            case "integer" | "range":
                return self.rng.randint(1, 5)
            case "decimal":
                return str(self.rng.randint(1, 50))
            case "date":
                return on.isoformat()
            case "datetime":
                return f"{on.isoformat()}T10:00:00"
            case "time":
                return "10:00"
        return self.text(field.name)

    def text(self, name: str) -> str:
        """A sentence for an open question."""
        return self.rng.choice(self.by_name.get(name) or self.any)


def later(day: date, days: int, last: date) -> date:
    """So many days on, but not after the last day of the story."""
    return min(day + timedelta(days=days), last)
