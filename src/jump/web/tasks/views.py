"""What waits for me: from every engine, worst and oldest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jump.base import clock, duties, outbox
from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.web.access import actor_of, signed_in
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.links import address_of

SHOWN = 200


@signed_in
@require_GET
def list_tasks(request: HttpRequest) -> HttpResponse:
    """Everything due, in groups: late, soon, later; and effects that were refused, for those who can mend them."""
    actor = actor_of(request)
    waiting = duties.due(actor, clock.today())
    rows = [
        {
            "title": item.title,
            "detail": item.detail,
            "on": item.on,
            "kind": item.severity,
            "url": address_of(item.url_name, item.url_args),
            "ref": item.ref if Ref(item.ref).kind == "tsk" else "",
        }
        for item in waiting[:SHOWN]
    ]
    groups = [
        (_("Late, or needed now"), [row for row in rows if row["kind"] == "bad"]),
        (_("Soon"), [row for row in rows if row["kind"] == "warn"]),
        (_("Later"), [row for row in rows if row["kind"] in ("blue", "good")]),
    ]
    page = {
        "groups": [(title, items) for title, items in groups if items],
        "total": len(waiting),
        "more": max(len(waiting) - SHOWN, 0),
        "failures": outbox.failures(actor),
        "may_fill": can(actor, "evidence.submit"),
    }
    return render(request, "tasks/list.html", page)


@signed_in
@require_POST
def done(request: HttpRequest, ref: str) -> HttpResponse:
    """Tick a task off."""
    actor = actor_of(request)
    cases.finish_task(actor, ref=Ref(ref), on=clock.today(), note=request.POST.get("note", ""))
    forget_tasks(actor)
    saved(request, _("Done. The task stays on record."))
    return redirect("tasks:list")


@signed_in
@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    """Run a refused effect once more."""
    actor = actor_of(request)
    key = request.POST.get("key", "")
    if any(one.key == key for one in outbox.failures(actor)):
        outbox.try_again(key)
        still = any(one.key == key for one in outbox.failures(actor))
        saved(request, _("Still refused. Nothing was changed.") if still else _("It worked this time."))
    return redirect("tasks:list")
