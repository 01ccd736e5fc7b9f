"""What declared data may trigger in cases. Every effect is safe to repeat: it is keyed by its cause."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from jump.base.consequences import BUILT_ON, Left, WayBack
from jump.base.i18n import text
from jump.base.outbox import Cause
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import queries, services
from jump.engines.cases.models import Case, Task
from jump.engines.cases.types import CaseState, Product, SessionState, TaskState
from jump.engines.cases.types.fieldwork import VISIT


def open(
    cause: Cause,
    *,
    procedure: str,
    subject: str,
    scope: str,
    title: str = "",
    facts: Mapping[str, Any] | None = None,
    submission: str | None = None,
) -> Mapping[str, Any]:
    """Open a case. Caused by an accepted form, the form is the answer to the first step if that asks for it."""
    by_form = submission or (str(cause.ref) if cause.ref is not None and cause.ref.kind == "sub" else None)
    ref = services.open_case(
        cause.actor,
        procedure=procedure,
        subject_ref=Ref(subject),
        scope=scope,
        on=cause.on,
        key=cause.key,
        facts=facts,
        title=title,
        submission_ref=Ref(by_form) if by_form else None,
    )
    return {"ref": str(ref), "made": True}


def form_accepted(cause: Cause, *, submission: str, form: str, about: str | None = None) -> Mapping[str, Any]:
    """A form was accepted: the step or task that waited for it goes on."""
    served = services.form_accepted(
        cause.actor, submission_ref=Ref(submission), form=form, about=Ref(about) if about else None, on=cause.on
    )
    return {"served": served}


def add_task(
    cause: Cause,
    *,
    title: str | Mapping[str, str],
    owner_role: str,
    scope: str,
    about: str | None = None,
    due_on: str | None = None,
    owner: str | None = None,
    asks: str = "",
) -> Mapping[str, Any]:
    """Give somebody something to do."""
    ref = services.add_task(
        cause.actor,
        title=text(title),
        about=Ref(about) if about else None,
        owner_role=owner_role,
        scope=scope,
        due_on=date.fromisoformat(due_on[:10]) if due_on else None,
        key=cause.key,
        owner_ref=Ref(owner) if owner else None,
        asks=asks,
        source=str(cause.ref or ""),
    )
    return {"ref": str(ref), "made": True}


def add_tasks_by_lot(
    cause: Cause,
    *,
    title: str | Mapping[str, str],
    kind: str,
    owner_role: str,
    scope: str,
    asks: str,
    starts_on: str,
    every_days: int | str,
) -> Mapping[str, Any]:
    """A task about each group of this kind at and under a place, each once, due in an order drawn by lot.

    The lot follows from the reference of the form: nobody chooses the order, and anybody can draw it again.
    """
    first, step = date.fromisoformat(starts_on[:10]), timedelta(days=int(every_days))
    made = [
        services.add_task(
            cause.actor,
            title=text(title),
            about=ref,
            owner_role=owner_role,
            scope=scope,
            due_on=first + number * step,
            key=f"{cause.key}:{ref}",
            asks=asks,
            source=str(cause.ref or ""),
        )
        for number, ref in enumerate(queries.groups_by_lot(kind=kind, scope=scope, lot=str(cause.ref)))
    ]
    return {"refs": [str(ref) for ref in made]}


def record_session(
    cause: Cause,
    *,
    kind: str,
    title: str | Mapping[str, str],
    scope: str,
    about: str | None = None,
    held_on: str | None = None,
    host: str | None = None,
    course: str | None = None,
    minutes: str | None = "",
    purpose: str | None = "",
    women: int | str | None = None,
    men: int | str | None = None,
    travel_km: int | str | None = None,
    travel_by: str | None = "",
    planned: str | None = None,
) -> Mapping[str, Any]:
    """An accepted form tells of a gathering, visit or supervision: it becomes one, with the form as what it made.

    A visit that this host had planned to the same place on that day, or has recorded without a form, is the one that
    is told of: it is no second visit. `title` by language is shown in the reader's.
    """
    day = date.fromisoformat(held_on[:10]) if held_on else cause.on
    given = {sex: int(number) for sex, number in (("female", women), ("male", men)) if number not in (None, "")}
    km = int(travel_km) if travel_km not in (None, "") else None
    made = [Product(text(title), cause.ref)] if cause.ref is not None else []
    if kind == VISIT and not planned and host and about:
        known = queries.visit_of(Ref(host), to_ref=Ref(about), on=day)
        if known is not None and known.state is SessionState.HELD and made:
            ref = services.report_on_session(
                cause.actor,
                session_ref=known.ref,
                report=made[0],
                totals=given,
                travel_km=km,
                travel_by=travel_by or "",
            )
            return {"ref": str(ref)}
        if known is not None:
            planned, title, purpose = str(known.ref), "", known.purpose or purpose
    ref = services.record_session(
        cause.actor,
        kind=kind,
        title=title,
        scope=scope,
        held_on=day,
        hosts=[Ref(host)] if host else [],
        about=[Ref(about)] if about else [],
        products=made,
        totals=given,
        minutes=minutes or "",
        purpose=purpose or "",
        travel_km=km,
        travel_by=travel_by or "",
        course_ref=Ref(course) if course else None,
        planned_ref=Ref(planned) if planned else None,
        key=cause.key,
    )
    return {"ref": str(ref)}


def finish_task(cause: Cause, *, task: str, note: str = "") -> None:
    """Say that a task is done, with what caused this as its proof."""
    if not Task.objects.filter(ref=task).exists():
        raise NotFound(ref=task)
    services.finish_task(cause.actor, ref=Ref(task), on=cause.on, note=note, proof_ref=cause.ref)


def answer(
    cause: Cause, *, key: str, outcome: str, proof: str | None = None, facts: Mapping[str, Any] | None = None
) -> None:
    """Bring a waiting step its answer."""
    services.answer(
        cause.actor, key=key, outcome=outcome, proof_ref=Ref(proof) if proof else cause.ref, facts=facts, on=cause.on
    )


def set_fact(cause: Cause, *, case: str, name: str, value: Any) -> None:
    """Keep one fact with a case, under a name that its procedure declares."""
    services.set_facts(cause.actor, case_ref=Ref(case), facts={name: value}, on=cause.on)


def set_fact_about(cause: Cause, *, subject: str, procedure: str, name: str, value: Any) -> Mapping[str, Any]:
    """Keep one fact with the open case of a subject, where the cause does not know the case."""
    ref = (
        Case.objects.filter(subject_ref=subject, procedure=procedure, state="open")
        .values_list("ref", flat=True)
        .first()
    )
    if ref is None:
        raise NotFound(ref=subject)
    services.set_facts(cause.actor, case_ref=Ref(ref), facts={name: value}, on=cause.on)
    return {"ref": ref}


def keep(cause: Cause, *, bound: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hand back what earlier calls gave, so that it comes home with the answer. Changes nothing."""
    return {"bound": dict(bound)}


def form_withdrawn(cause: Cause, *, submission: str, about: str | None = None) -> Mapping[str, Any]:
    """A form was taken back: whoever coordinates is asked to look at each step that rests on it. Once each."""
    told = services.form_withdrawn(
        cause.actor, submission_ref=Ref(submission), about=Ref(about) if about else None, key=cause.key
    )
    return {"told": told}


def drop_task(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A task of a form that stands no more is dropped; what was done was done."""
    ref = Ref(str(result["ref"]))
    if Task.objects.filter(ref=ref, state=TaskState.OPEN).exists():
        services.drop_task(cause.actor, ref=ref, why=str(cause.ref))
    return None


def drop_tasks(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """The same for many tasks of one form."""
    for ref in result["refs"]:
        drop_task(cause, {"ref": ref})
    return None


def close_unbegun(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A case that only this form opened is closed where nothing has been done in it since."""
    ref = Ref(str(result["ref"]))
    begun = services.begun_beyond(ref, proof_ref=Ref(str(cause.ref)))
    if begun:
        return Left(ref, BUILT_ON)
    if Case.objects.filter(ref=ref, state=CaseState.OPEN).exists():
        services.close_case(cause.actor, case_ref=ref, outcome="withdrawn", why=str(cause.ref), on=cause.on)
    return None


EFFECTS = {
    "cases.open": open,
    "cases.form_withdrawn": form_withdrawn,
    "cases.form_accepted": form_accepted,
    "cases.add_task": add_task,
    "cases.add_tasks_by_lot": add_tasks_by_lot,
    "cases.finish_task": finish_task,
    "cases.record_session": record_session,
    "cases.answer": answer,
    "cases.set_fact": set_fact,
    "cases.set_fact_about": set_fact_about,
    "cases.keep": keep,
}

TAKE_BACK = {
    "cases.open": WayBack(close_unbegun, besides=("cases.Step",)),
    "cases.add_task": WayBack(drop_task),
    "cases.add_tasks_by_lot": WayBack(drop_tasks),
    "cases.keep": WayBack(lambda _cause, _result: None),
}
