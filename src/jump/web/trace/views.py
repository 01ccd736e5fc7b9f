"""The walk back: from a figure or any record to what it rests on, down to the visit and the letter."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from jump.base import duties
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.units import BadRef, Ref
from jump.engines.cases import api as cases
from jump.engines.finance import api as finance
from jump.engines.results import api as results
from jump.web.access import actor_of, signed_in
from jump.web.links import page_of

INPUTS_ON_A_PAGE = 50
FIGURE_KINDS = frozenset({"fig", "val"})
PROOFS = frozenset({"sub", "ses", "dsv", "out"})
STEPS_SHOWN = 20


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """How figures are made, and a field for a number."""
    asked = request.GET.get("ref", "").strip()
    if asked:
        try:
            return redirect("trace:ref", ref=Ref.parse(asked))
        except BadRef:
            return render(request, "trace/about.html", {"asked": asked, "wrong": True}, status=422)
    return render(request, "trace/about.html", {})


@signed_in
@require_GET
def walk(request: HttpRequest, ref: str) -> HttpResponse:
    """One record and what it rests on; a figure also lists its inputs, page by page."""
    actor = actor_of(request)
    wanted = Ref(ref)
    found = duties.describe(actor, wanted)
    if found is None:
        raise NotFound(ref=ref)
    page: dict[str, Any] = {"found": found, "page_url": page_of(found)}
    if wanted.kind in FIGURE_KINDS:
        page.update(_figure(request, wanted))
    else:
        levels: dict[int, list[dict[str, Any]]] = {}
        behind = list(duties.walk(actor, wanted))
        for distance, one in behind:
            if distance:
                levels.setdefault(distance, []).append({"one": one, "url": page_of(one)})
        page["levels"] = sorted(levels.items())
        page["road"] = _road(actor, [one for _distance, one in behind])
    return render(request, "trace/walk.html", page)


def _road(actor: Actor, behind: list[duties.Description]) -> dict[str, Any] | None:
    """The road of the community that one of these records belongs to: letter, decisions, proposal, loan.

    A record that proves a step knows nothing of the step; the step knows its proof.
    """
    if any(one.ref.kind == "cas" for one in behind):
        return None
    for one in behind:
        if one.ref.kind not in PROOFS:
            continue
        try:
            case = cases.case_row(actor, proof_ref=one.ref)
        except NotFound:
            continue
        told = duties.describe(actor, case.ref)
        sources = told.sources if told is not None else ()
        money = finance.contracts(actor, scope=case.scope, limit=STEPS_SHOWN) if can(actor, "finance.read") else []
        refs = list(dict.fromkeys([*sources, *(row.ref for row in money)]))
        described = duties.describe_many(actor, refs)
        rows = [{"one": described[ref], "url": page_of(described[ref])} for ref in refs if ref in described]
        return {"title": case.title, "url": reverse("cases:case", args=[case.ref]), "records": rows}
    return None


def _figure(request: HttpRequest, ref: Ref) -> dict[str, Any]:
    """A figure with its definition and one page of its inputs, each described."""
    actor = actor_of(request)
    number = max(int(request.GET.get("page", "1") or 1), 1) if request.GET.get("page", "1").isdigit() else 1
    figure = results.figure(actor, ref, limit=INPUTS_ON_A_PAGE, offset=(number - 1) * INPUTS_ON_A_PAGE)
    described = duties.describe_many(actor, [one.ref for one in figure.inputs])
    inputs = [
        {
            "input": one,
            "found": described.get(one.ref),
            "url": page_of(described[one.ref]) if one.ref in described else "",
        }
        for one in figure.inputs
    ]
    pages = Paginator(range(figure.inputs_total), INPUTS_ON_A_PAGE).get_page(number)
    return {"figure": figure, "inputs": inputs, "pages": pages}
