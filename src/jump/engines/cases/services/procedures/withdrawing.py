"""A form that steps rest on was taken back: what was done is not undone, somebody looks."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.core.units import Ref
from jump.engines.cases.definitions import procedure
from jump.engines.cases.models import Step
from jump.engines.cases.services.tasks import add_task
from jump.engines.cases.types import CaseState

LOOKED_AT_BY = "national_coordinator"


def form_withdrawn(actor: Actor, *, submission_ref: Ref, about: Ref | None, key: str) -> int:
    """Ask whoever coordinates to look at each step of an open case that was given this form. Returns how many."""
    mine = Q(proof_ref=submission_ref)
    if about is not None:
        mine |= Q(ref=about) | Q(case__ref=about) | Q(case__subject_ref=about)
    told = 0
    with write_transaction():
        rows = Step.objects.filter(mine, case__state=CaseState.OPEN).select_related("case__scope").order_by("pk")
        for step in rows:
            if str(submission_ref) not in (step.proof_ref, *step.proofs):
                continue
            declared = procedure(step.case.procedure, step.case.procedure_version).steps[step.key]
            add_task(
                actor,
                title=_("Look again at “%(step)s”: the form it rests on was taken back")
                % {"step": text(declared.title)},
                about=Ref(step.case.ref),
                owner_role=LOOKED_AT_BY,
                scope=step.case.scope.path,
                due_on=None,
                key=f"{key}:{step.ref}",
                source=str(submission_ref),
            )
            told += 1
    return told


def begun_beyond(case_ref: Ref, *, proof_ref: Ref) -> bool:
    """Whether anything was done in a case but being opened by this form."""
    for proof, proofs in Step.objects.filter(case__ref=case_ref).values_list("proof_ref", "proofs"):
        if {proof, *proofs} - {"", str(proof_ref)}:
            return True
    return False
