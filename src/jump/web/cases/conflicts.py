"""Edits that crossed: which there are, and one with both answers beside each other, where a person decides."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.cases.forms import Decision
from jump.web.context import forget_tasks
from jump.web.filling.reading import BothAnswers, both_answers
from jump.web.forms import pick_label, saved, shown_again
from jump.web.places import titles_of

PAGE = 50
STATES = {
    "waiting": ("warn", lazy("Waiting for a decision")),
    "decided": ("good", lazy("Decided")),
    "merged": ("blue", lazy("Both changes stand")),
}


@require_safe
@needs("evidence.review")
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for a decision; by `state` also what was decided, and what needed no decision."""
    actor = actor_of(request)
    state = request.GET.get("state", "waiting")
    state = state if state in STATES else "waiting"
    total = evidence.count_conflicts(actor, state=state)
    page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
    found = evidence.conflicts(actor, state=state, limit=PAGE, offset=(page.number - 1) * PAGE)
    places = titles_of(one.scope for one in found)
    return render(
        request,
        "cases/conflicts.html",
        {
            "rows": [{"one": one, "place": places.get(one.scope, one.scope)} for one in found],
            "page": page,
            "state": state,
            "word": STATES[state][1],
            "states": [(code, word) for code, (_kind, word) in STATES.items() if code != state],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("evidence.review", "evidence.submit")
def conflict(request: HttpRequest, ref: str) -> HttpResponse:
    """One: both answers of every question, who gave them and when; a decision with its reason."""
    actor = actor_of(request)
    one = evidence.conflict(actor, Ref(ref))
    view = evidence.form(one.form, one.version, get_language())
    lines = both_answers(view, one.lines)
    hard = [line for line in lines if line.is_hard]
    may_decide = one.may_decide and not any(line.is_masked for line in hard)
    given = request.POST if request.method == "POST" else None
    form = Decision(given, lines=[_choices(one, line) for line in hard]) if may_decide else None
    kind, word = STATES[one.state.value]
    page = {
        "one": one,
        "lines": lines,
        "form": form,
        "kind": kind,
        "word": word,
        "place": titles_of([one.scope]).get(one.scope, one.scope),
        "is_hidden": one.may_decide and not may_decide,
    }
    if form is not None and request.method == "POST" and form.is_valid():
        shown_again(request, "cases/conflict.html", page)
        choices = {line.path: form.cleaned_data[f"q{number}"] for number, line in enumerate(hard)}
        evidence.decide_conflict(actor, ref=one.ref, choices=choices, why=form.cleaned_data["why"])
        forget_tasks(actor)
        url = reverse("cases:submission", args=[one.submission])
        saved(request, _("Decided. Both answers stay on the record."), print_url=url, print_text=_("Look at the form"))
        return redirect("cases:conflict", one.ref)
    return render(request, "cases/conflict.html", page, status=422 if form is not None and form.errors else 200)


def _choices(one: evidence.ConflictView, line: BothAnswers) -> tuple[str, str, list[tuple[str, Any]]]:
    """A question with its two answers, for the form."""
    nothing = _("No answer")
    first = pick_label(f"{one.first_by}, {formats.moment(one.first_at)}", line.first or nothing)
    later = pick_label(f"{one.later_by}, {formats.moment(one.later_at)}", line.later or nothing)
    before = _("Before both: %(answer)s") % {"answer": line.base or nothing}
    return line.label, before, [("first", first), ("later", later)]
