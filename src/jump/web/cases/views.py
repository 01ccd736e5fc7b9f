"""Cases and their steps: where each stands, what it asks for, what is in the way and who may let it pass."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock, i18n, packages
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.cases.forms import NewDate, Reason
from jump.web.context import forget_tasks
from jump.web.excel import spreadsheet, wants_excel
from jump.web.filling import fill_form
from jump.web.forms import saved, shown_again
from jump.web.links import address_of

RIGHTS = ("cases.work", "cases.open", "results.read")
PAGE = 50
EXCEL_MAX = 5000
OWE_NO_STEP = frozenset({"donor", "administrator", "system"})


@require_safe
@needs(*RIGHTS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every open step of the reader's places, oldest due date first: who owes what by when."""
    actor, today = actor_of(request), clock.today()
    role, late = request.GET.get("role", ""), request.GET.get("late", "") == "1"
    if wants_excel(request.GET):
        return _as_excel(cases.open_steps(actor, by_role=role, as_of=today, late_only=late, limit=EXCEL_MAX))
    total = cases.count_open_steps(actor, by_role=role, as_of=today, late_only=late)
    page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    rows = cases.open_steps(actor, by_role=role, as_of=today, late_only=late, limit=PAGE, offset=first)
    return render(
        request,
        "cases/list.html",
        {
            "rows": [
                {
                    "step": one,
                    "url": reverse("cases:step", args=[one.ref]),
                    "case_url": reverse("cases:case", args=[one.case_ref]),
                    "role": words.role(one.by_role),
                    "light": words.LIGHTS[one.light.value],
                }
                for one in rows
            ],
            "page": page,
            "total": total,
            "chosen": {"role": role, "late": late},
            "excel": f"?role={role}&late={'1' if late else ''}&as=excel",
            "may_begin": can(actor, "cases.open"),
            "roles": [(code, title) for code, title in words.ROLES.items() if code not in OWE_NO_STEP],
        },
    )


def _as_excel(rows: list[cases.OpenStep]) -> HttpResponse:
    head = [
        (_("Step"), _("What is to be done")),
        (_("About"), _("Whose road it is on")),
        (_("Whose"), _("The role that owes the step")),
        (_("Due"), ""),
        (_("State"), _("Late, due soon or on time")),
        (_("Days beyond the plan"), _("Of a stage with a planned length")),
        (_("Number"), _("What to name when asking about it")),
    ]
    lines = (
        (
            one.title,
            one.case_title,
            words.role(one.by_role),
            one.due_on,
            words.LIGHTS[one.light.value][1],
            one.over_run_days,
            one.ref,
        )
        for one in rows
    )
    return spreadsheet(_("Open steps"), head, lines)


@require_safe
@needs(*RIGHTS)
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """The whole road of a case: what was done, what is open with its gates, what is still to come."""
    actor = actor_of(request)
    found = cases.case(actor, Ref(ref))
    tag, kind = words.standing(found)
    straight = words.main_road(found.procedure, found.version)
    names = parties.names(actor, [found.subject_ref])
    return render(
        request,
        "cases/case.html",
        {
            "case": found,
            "procedure": i18n.text(packages.definition("procedures", found.procedure, found.version).data["title"]),
            "tag": tag,
            "tag_kind": kind,
            "points": words.path_points(found, more_url="#steps"),
            "steps": [
                _line(one) for one in found.steps if one.ref or (one.key in straight and found.state.value == "open")
            ],
            "here": [_line(one) for one in found.here],
            "subject": names.get(found.subject_ref, ""),
            "subject_url": subject_url(found.subject_ref),
            "sessions": cases.sessions(actor, case_ref=found.ref, limit=20),
            "outcomes": [
                {"one": one, "url": reverse("decisions:round", args=[one.round_ref])}
                for one in decisions.outcomes(actor, about_ref=found.ref)
            ],
        },
    )


def subject_url(ref: Ref) -> str:
    """The page of what a case is about."""
    if ref.kind == "plc":
        return reverse("communities:detail", args=[ref])
    return address_of({"grp": "people:group", "per": "people:person", "ctr": "money:contract"}.get(ref.kind, ""), [ref])


def _line(step: cases.StepView) -> dict[str, Any]:
    state_kind, state = words.STATES[step.state.value]
    light = words.LIGHTS[step.light.value] if step.is_open and step.due_on else None
    return {
        "step": step,
        "url": words.step_url(step),
        "kind": words.KINDS[step.kind.value],
        "role": words.role(step.by_role),
        "state": state,
        "state_kind": state_kind,
        "light": light,
        "detail": words.step_detail(step),
        "missing": [gate for gate in step.gates if not gate.passed] if step.is_open else [],
        "again": step.round > 1,
    }


@require_safe
@needs(*RIGHTS)
def step(request: HttpRequest, ref: str) -> HttpResponse:
    """One step: what it asks for, what is in the way, and the one thing to do now."""
    return render(request, "cases/step.html", step_page(request, ref))


def step_page(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Everything a step's page shows."""
    actor = actor_of(request)
    found = cases.step(actor, Ref(ref))
    row = cases.case_row(actor, step_ref=found.ref)
    scope = row.scope
    may_work = can(actor, "cases.work", scope)
    may_waive = can(actor, "cases.waive", scope)
    open_ = found.is_open and row.state.value == "open"
    page: dict[str, Any] = {
        "step": found,
        "line": _line(found),
        "case": row,
        "case_url": reverse("cases:case", args=[found.case_ref]),
        "subject_url": subject_url(row.subject_ref),
        "may_work": may_work and open_,
        "may_fill": can(actor, "evidence.submit", scope) and row.state.value == "open" and bool(found.ref),
        "may_waive": may_waive and open_,
        "gates": [
            {
                "gate": gate,
                "kind": "good" if gate.met else "blue" if gate.waived else "warn",
                "word": _("Met") if gate.met else _("Let pass") if gate.waived else _("Open"),
                "role": words.role(gate.waivable_by) if gate.waivable_by else "",
                "url": reverse("cases:waive", args=[found.ref, gate.name])
                if may_waive and open_ and not gate.passed and _holds(request, gate.waivable_by, scope)
                else "",
            }
            for gate in found.gates
        ],
        "proof_url": _proof_url(found.proof_ref),
        "onward": [] if open_ else [_line(one) for one in cases.case(actor, found.case_ref).here],
    }
    page.update(_of_kind(request, found, row))
    return page


def _holds(request: HttpRequest, role: str, scope: str) -> bool:
    """Whether to offer the button; the service has the last word."""
    return any(grant.role == role and scope.startswith(grant.path) for grant in actor_of(request).grants)


def _proof_url(ref: Ref | None) -> str:
    if ref is None:
        return ""
    known = {"sub": "cases:submission", "ses": "cases:session", "out": ""}
    return address_of(known.get(ref.kind, "trace:ref"), [ref]) or address_of("trace:ref", [ref])


def _of_kind(request: HttpRequest, step: cases.StepView, row: cases.CaseRow) -> dict[str, Any]:
    actor = actor_of(request)
    if step.kind is cases.StepKind.FORM:
        sent = evidence.submissions(actor, form=step.asks, about=row.subject_ref, limit=20)
        looked_for = any(one.state is evidence.SubmissionState.RECEIVED for one in sent)
        return {"form": _form_line(step, step.asks), "sent": [_sent(one) for one in sent], "looked_for": looked_for}
    if step.kind is cases.StepKind.SESSION:
        held = cases.sessions(actor, case_ref=row.ref, limit=50)
        return {
            "sheets": worksheets(step),
            "held": [one for one in held if one.step_ref == step.ref],
        }
    if step.kind is cases.StepKind.DOCUMENT:
        found = evidence.dossiers(actor, definition=step.asks, about=row.subject_ref)
        return {"dossier": found[0] if found else None}
    if step.kind is cases.StepKind.DECISION:
        return {"decided": decisions.outcomes(actor, about_ref=row.ref), "rounds_url": reverse("decisions:rounds")}
    return {}


def _form_line(step: cases.StepView, form_id: str) -> dict[str, str]:
    declared = packages.definition("form", form_id)
    return {
        "title": i18n.text(declared.data["title"]),
        "url": f"{reverse('cases:fill', args=[step.ref])}?form={form_id}",
    }


def worksheets(step: cases.StepView) -> list[dict[str, Any]]:
    """The modules of a gathering with the sheet that each fills in."""
    if not step.asks:
        return []
    taught = packages.definition("curricula", step.asks)
    found = []
    for module in taught.data.get("modules", ()):
        sheet = taught.full(str(module["worksheet"])) if module.get("worksheet") else ""
        line = _form_line(step, sheet) if sheet and step.ref else {"title": "", "url": ""}
        found.append({"title": i18n.text(module["title"]), "hours": module.get("hours"), "form": sheet, "sheet": line})
    return found


def _sent(one: evidence.SubmissionView) -> dict[str, Any]:
    kind, word = words.FORM_STATES[one.state.value]
    return {"one": one, "url": reverse("cases:submission", args=[one.ref]), "kind": kind, "word": word}


@needs("evidence.submit")
def fill(request: HttpRequest, ref: str) -> HttpResponse:
    """Fill the form that the step asks for, or one of the sheets of its gathering."""
    actor = actor_of(request)
    found = cases.step(actor, Ref(ref))
    row = cases.case_row(actor, step_ref=found.ref)
    asked = [found.asks] if found.kind is cases.StepKind.FORM else [one["form"] for one in worksheets(found)]
    form_id = request.GET.get("form", "") or next(iter(asked), "")
    if not form_id or form_id not in asked:
        raise NotFound(ref=form_id)

    def sent(view: evidence.SubmissionView) -> HttpResponse:
        forget_tasks(actor)
        tell(request, view)
        return redirect("cases:step", found.ref)

    return fill_form(
        request,
        form_id,
        scope=row.scope,
        about=row.subject_ref,
        done=sent,
        template="cases/fill.html",
        page={
            "case": row,
            "case_url": reverse("cases:case", args=[row.ref]),
            "cancel_url": reverse("cases:step", args=[found.ref]),
            "cancel_text": found.title,
        },
    )


def tell(request: HttpRequest, view: evidence.SubmissionView) -> None:
    """Say what was saved, with its number, and whether somebody looks at it first."""
    text = _("%(title)s saved. Number %(ref)s.") % {"title": view.title, "ref": view.ref}
    if view.state.value == "received":
        text = f"{text} {_('Somebody else looks at it before it counts.')}"
    saved(request, text, print_url=reverse("cases:submission", args=[view.ref]), print_text=_("Look at it"))


@needs("cases.waive")
def waive(request: HttpRequest, ref: str, gate: str) -> HttpResponse:
    """Let a gate pass, with a reason."""
    page = step_page(request, ref)
    asked = next((one["gate"] for one in page["gates"] if one["gate"].name == gate), None)
    if asked is None:
        raise NotFound(ref=gate)
    form = Reason(request.POST or None)
    page |= {"form": form, "asked": asked}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "cases/waive.html", page)
        cases.waive(actor_of(request), step_ref=Ref(ref), gate=gate, why=form.cleaned_data["why"], on=clock.today())
        saved(request, _("Let pass: %(gate)s") % {"gate": asked.text})
        return redirect("cases:step", ref)
    return render(request, "cases/waive.html", page, status=422 if form.errors else 200)


@needs("cases.work")
def redate(request: HttpRequest, ref: str) -> HttpResponse:
    """Give a step another day, with a reason."""
    page = step_page(request, ref)
    form = NewDate(request.POST or None)
    page |= {"form": form}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "cases/redate.html", page)
        cases.re_date(
            actor_of(request), step_ref=Ref(ref), due_on=form.cleaned_data["due_on"], why=form.cleaned_data["why"]
        )
        saved(request, _("The step has a new day."))
        return redirect("cases:step", ref)
    return render(request, "cases/redate.html", page, status=422 if form.errors else 200)


@needs("cases.work")
def skip(request: HttpRequest, ref: str) -> HttpResponse:
    """Leave out an optional step, with a reason."""
    page = step_page(request, ref)
    form = Reason(request.POST or None)
    page |= {"form": form}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "cases/skip.html", page)
        cases.skip_step(actor_of(request), step_ref=Ref(ref), why=form.cleaned_data["why"], on=clock.today())
        saved(request, _("The step is left out."))
        return redirect("cases:case", page["case"].ref)
    return render(request, "cases/skip.html", page, status=422 if form.errors else 200)


@require_POST
@needs("cases.work")
def ask(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask once more after a refusal."""
    cases.ask_again(actor_of(request), step_ref=Ref(ref), on=clock.today())
    saved(request, _("Asked again. The answer comes on this page."))
    return redirect("cases:step", ref)
