"""Assumptions with their sign, and whether a look is due in this report period."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from jump.base import clock
from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results.models import Assumption, AssumptionReview
from jump.engines.results.queries.access import may_read
from jump.engines.results.services.compute.measures import calendar_start
from jump.engines.results.types import AssumptionReviewView, AssumptionView, Sign

REPORT_MONTHS = 6


def assumptions(actor: Actor, *, as_of: date | None = None) -> list[AssumptionView]:
    """Every assumption with its looks, the latest first. Two queries."""
    may_read(actor)
    day = as_of or clock.today()
    reviews: dict[int, list[AssumptionReview]] = {}
    for review in AssumptionReview.objects.filter(on__lte=day).order_by("-on", "-pk"):
        reviews.setdefault(review.assumption_id, []).append(review)
    rows = Assumption.objects.order_by("package", "position")
    return [_view(row, reviews.get(row.pk, []), day) for row in rows]


def due_for_a_look(actor: Actor, as_of: date) -> QuerySet[Assumption]:
    """The rows of those at which nobody has looked in this half-year, in order."""
    may_read(actor)
    looks = AssumptionReview.objects.filter(
        assumption=OuterRef("pk"), on__lte=as_of, on__gte=calendar_start(as_of, REPORT_MONTHS)
    )
    return Assumption.objects.filter(~Exists(looks)).order_by("package", "position")


def assumption(actor: Actor, ref: str, *, as_of: date | None = None) -> AssumptionView:
    for view in assumptions(actor, as_of=as_of):
        if ref in (view.ref, view.id):
            return view
    raise NotFound(ref=ref)


def _view(row: Assumption, reviews: list[AssumptionReview], day: date) -> AssumptionView:
    latest = reviews[0] if reviews else None
    return AssumptionView(
        ref=Ref(row.ref),
        id=row.full_id,
        group=row.group,
        text=text(row.text),
        about=row.about,
        owner=row.owner,
        source=row.source,
        sign=Sign(latest.sign) if latest is not None else Sign.NOT_REVIEWED,
        reviewed_on=latest.on if latest is not None else None,
        is_due=latest is None or latest.on < calendar_start(day, REPORT_MONTHS),
        fallback=text(row.fallback),
        reviews=tuple(
            AssumptionReviewView(
                on=one.on,
                sign=Sign(one.sign),
                status=one.status,
                response=one.response,
                by=one.by,
                evidence_ref=Ref(one.evidence_ref) if one.evidence_ref else None,
            )
            for one in reviews
        ),
    )
