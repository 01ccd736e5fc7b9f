"""The report builder, editions, publishing and sending out, the IATI file."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from jump.base import clock
from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from jump.web.access import actor_of, needs
from jump.web.forms import PageForm, saved, shown_again


class ReportForm(PageForm):
    """Which half-year, which part of the programme, which language."""

    half_year = forms.ChoiceField(label=_("Half-year"))
    scope = forms.ChoiceField(label=_("For"))
    language = forms.ChoiceField(label=_("Language of the report"), choices=[("en", "English"), ("fr", "Français")])


class SendForm(PageForm):
    """Who gets an edition."""

    to_class = forms.CharField(
        label=_("Who gets it"),
        max_length=80,
        help_text=_("An organisation or a group of readers, not a person’s name."),
    )
    how = forms.ChoiceField(
        label=_("How"), choices=[("mail", _("By mail")), ("print", _("Printed")), ("meeting", _("At a meeting"))]
    )


@needs("reports.read")
@require_GET
def list_reports(request: HttpRequest) -> HttpResponse:
    """Editions, newest period first, and what is still to be written."""
    actor = actor_of(request)
    page = {
        "editions": reports.editions(actor, limit=100),
        "may_write": can(actor, "reports.write"),
        "half_year": reports.last_half_year(actor),
    }
    return render(request, "reports/list.html", page)


@needs("reports.write")
def build(request: HttpRequest) -> HttpResponse:
    """Choose and make a report: an edition that nobody changes, a draft until it is published."""
    actor = actor_of(request)
    programme = parties.programme(actor)
    periods = [(name, period) for name, period in reports.half_years_of(actor) if period.start <= clock.today()]
    last = reports.last_half_year(actor)
    form = ReportForm(request.POST or None, today=clock.today(), initial={"half_year": last, "language": "en"})
    form.fields["half_year"].choices = [(name, name) for name, _period in reversed(periods)]  # type: ignore[attr-defined]
    form.fields["scope"].choices = [  # type: ignore[attr-defined]
        (programme.scope, programme.title),
        *((one.scope, one.name) for one in programme.countries),
    ]
    page = {"form": form, "last": last}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "reports/build.html", page)
        ref = reports.make_progress_report(
            actor,
            period_name=form.cleaned_data["half_year"],
            scope=form.cleaned_data["scope"],
            language=form.cleaned_data["language"],
        )
        saved(request, _("The report is made. Read it, then publish it."))
        return redirect("reports:edition", ref=ref)
    return render(request, "reports/build.html", page, status=422 if form.errors else 200)


@needs("reports.read")
@require_GET
def edition(request: HttpRequest, ref: str) -> HttpResponse:
    """An edition as a page; every figure leads back to its records."""
    actor = actor_of(request)
    one = reports.edition(actor, Ref(ref))
    page = {
        "edition": one,
        "blocks": one.blocks,
        "sent": reports.distributions(actor, Ref(ref)),
        "may_publish": can(actor, "reports.publish", one.scope) and one.state is reports.EditionState.DRAFT,
        "may_send": can(actor, "reports.write", one.scope) and one.state is reports.EditionState.PUBLISHED,
        "send_form": SendForm(today=clock.today()),
    }
    return render(request, "reports/edition.html", page)


@needs("reports.publish")
@require_POST
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish: from now on nothing of it changes."""
    reports.publish(actor_of(request), edition_ref=Ref(ref), on=clock.today())
    saved(request, _("Published. From now on nothing of it changes."))
    return redirect("reports:edition", ref=ref)


@needs("reports.write")
@require_POST
def send(request: HttpRequest, ref: str) -> HttpResponse:
    """Note who got it."""
    form = SendForm(request.POST, today=clock.today())
    if form.is_valid():
        reports.distribute(
            actor_of(request),
            edition_ref=Ref(ref),
            how=form.cleaned_data["how"],
            on=clock.today(),
            to_class=form.cleaned_data["to_class"],
        )
        saved(request, _("Written down who got it."))
    return redirect("reports:edition", ref=ref)


@needs("reports.read")
@require_GET
def download(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """The edition as PDF, Word or HTML."""
    if kind not in set(reports.Format):
        raise Http404
    made = reports.rendered(actor_of(request), edition_ref=Ref(ref), format=kind)
    response = HttpResponse(made.content, content_type=made.mime)
    response["Content-Disposition"] = f'attachment; filename="{made.name}.{made.format.value}"'
    return response


@needs("reports.read")
@require_GET
def iati(request: HttpRequest) -> HttpResponse:
    """The programme as IATI 2.03 activities."""
    content = reports.iati(actor_of(request), scope=request.GET.get("scope") or None, as_of=clock.today())
    response = HttpResponse(content, content_type="application/xml")
    response["Content-Disposition"] = 'attachment; filename="activities.xml"'
    return response
