"""Two records that are one party: a mark on one row, nothing else, so that it can be taken back."""

from __future__ import annotations

from django.db.models import Q

from jump.base import audit, clock, duties
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.outbox import EffectCall, after_commit
from jump.core.units import Ref
from jump.engines.parties.models import TABLES, Merge, PossibleDouble
from jump.engines.parties.services._find import found
from jump.engines.parties.services.refusals import NotSame, NotThisKind, SameCircle
from jump.engines.parties.types import DoubleState

MERGEABLE = ("per", "grp", "org")


def mark_same(actor: Actor, *, keep: Ref, duplicate: Ref, why: str) -> None:
    """Say that a record is a double of another. Only its `same_as` is set; every engine then rechecks its figures."""
    with write_transaction():
        double = found(duplicate, *MERGEABLE)
        kept = found(keep, *MERGEABLE)
        require(actor, "parties.merge", double.scope.path)
        require(actor, "parties.merge", kept.scope.path)
        if Ref(keep).kind != Ref(duplicate).kind:
            raise NotThisKind(ref=keep, wanted=Ref(duplicate).kind)
        above = kept
        while above is not None:
            if above.pk == double.pk:
                raise SameCircle(keep=keep, duplicate=duplicate)
            above = above.same_as
        if double.same_as_id == kept.pk:
            return
        if double.same_as_id is not None:
            raise SameCircle(keep=double.same_as.ref, duplicate=duplicate)
        TABLES[Ref(duplicate).kind].objects.filter(pk=double.pk).update(same_as=kept)
        merge = Merge.objects.create(kept_ref=keep, duplicate_ref=duplicate, why=why, by=actor.key, at=clock.now())
        _settle_pair(actor, keep, duplicate, DoubleState.SAME, why)
        audit.record(actor, "parties.mark_same", duplicate, why=why, facts={"keep": keep})
        _recheck(actor, keep, f"merge:{merge.pk}")


def unmark_same(actor: Actor, *, duplicate: Ref, why: str) -> None:
    """Take the mark back: the two records are as they were before."""
    with write_transaction():
        double = found(duplicate, *MERGEABLE)
        require(actor, "parties.merge", double.scope.path)
        if double.same_as_id is None:
            raise NotSame(ref=duplicate)
        keep = Ref(double.same_as.ref)
        TABLES[Ref(duplicate).kind].objects.filter(pk=double.pk).update(same_as=None)
        merge = Merge.objects.get(duplicate_ref=duplicate, undone_at__isnull=True)
        _settle_pair(actor, keep, duplicate, DoubleState.DIFFERENT, why)
        Merge.objects.filter(pk=merge.pk).update(undone_at=clock.now(), undone_by=actor.key, undone_why=why)
        audit.record(actor, "parties.unmark_same", duplicate, why=why, facts={"keep": keep})
        _recheck(actor, keep, f"unmerge:{merge.pk}")


def _settle_pair(actor: Actor, keep: Ref, duplicate: Ref, state: DoubleState, why: str) -> None:
    """If these two were waiting to be decided, or had been, this is the decision."""
    pair = Q(one__ref=keep, other__ref=duplicate) | Q(one__ref=duplicate, other__ref=keep)
    PossibleDouble.objects.filter(pair).update(
        state=state, decided_at=clock.now(), decided_by=actor.key, why_decided=why
    )


def recheck_doubles(party: Ref) -> None:
    """Let every engine look for what a merge made double. Called by the effect `parties.recheck`."""
    duties.recheck(party)


def _recheck(actor: Actor, party: Ref, key: str) -> None:
    after_commit(
        [EffectCall("parties.recheck", {"party": party})], key=key, ref=party, actor=actor, on=clock.today(), facts={}
    )
