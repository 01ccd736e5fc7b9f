"""Lessons: read, written down, published with the record that proves them."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jump.base import clock, duties
from jump.base.actors import can
from jump.core.units import BadRef, Ref
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from jump.web.access import actor_of, needs, signed_in
from jump.web.forms import PageForm, saved, shown_again
from jump.web.links import page_of


class LessonForm(PageForm):
    """What was learned, where, and from which record."""

    title = forms.CharField(label=_("The lesson in one sentence"), max_length=200)
    text = forms.CharField(label=_("What happened, and what it teaches"), widget=forms.Textarea)
    context = forms.CharField(label=_("Where it holds"), required=False, max_length=500)
    proof_ref = forms.CharField(
        label=_("Number of the record that proves it"),
        required=False,
        max_length=24,
        help_text=_("A visit, session or figure, such as ses-7K3MPQ2X. Without it the lesson stays a draft."),
    )

    def clean_proof_ref(self) -> Ref | None:
        """A number as people type it."""
        typed = self.cleaned_data["proof_ref"]
        if not typed:
            return None
        try:
            return Ref.parse(typed)
        except BadRef:
            raise forms.ValidationError(_("This is not the number of a record. One looks like ses-7K3MPQ2X.")) from None


@signed_in
@require_GET
def list_lessons(request: HttpRequest) -> HttpResponse:
    """Lessons, newest first, searched by word."""
    actor = actor_of(request)
    q = request.GET.get("q", "").strip()
    page = {"lessons": reports.lessons(actor, q=q, limit=100), "q": q, "may_write": can(actor, "reports.write")}
    return render(request, "library/list.html", page)


@signed_in
@require_GET
def lesson(request: HttpRequest, ref: str) -> HttpResponse:
    """One lesson with its proof."""
    actor = actor_of(request)
    one = reports.lesson(actor, Ref(ref))
    proof = duties.describe(actor, one.proof_ref) if one.proof_ref else None
    page = {
        "lesson": one,
        "proof": proof,
        "proof_url": page_of(proof) if proof else "",
        "may_publish": can(actor, "reports.write", one.scope) and one.state is reports.LessonState.DRAFT,
    }
    return render(request, "library/lesson.html", page)


@needs("reports.write")
def write(request: HttpRequest) -> HttpResponse:
    """Write a lesson down."""
    actor = actor_of(request)
    form = LessonForm(request.POST or None, today=clock.today())
    page = {"form": form}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "library/write.html", page)
        given = form.cleaned_data
        ref = reports.add_lesson(
            actor,
            title=given["title"],
            text=given["text"],
            context=given["context"],
            scope=next(iter(actor.paths_with("reports.write")), "") or parties.programme(actor).scope,
            on=clock.today(),
            proof_ref=given["proof_ref"],
        )
        saved(request, _("The lesson is kept as a draft."))
        return redirect("library:lesson", ref=ref)
    return render(request, "library/write.html", page, status=422 if form.errors else 200)


@needs("reports.write")
@require_POST
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish a lesson; refused without its proof."""
    reports.publish_lesson(actor_of(request), lesson_ref=Ref(ref))
    saved(request, _("Published."))
    return redirect("library:lesson", ref=ref)
