"""Schemes, their dated packages and their providers, and the rules of a package as the arithmetic wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.calendars import Period, fiscal_year
from jump.core.insurance import Benefit, BenefitPackage, ClaimState, EntryRule
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import CoverCash, CoverProvider, CoverScheme, CoverVersion
from jump.engines.finance.models.cover_refusals import NoPackage
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.cover import (
    BenefitView,
    CashKind,
    CashView,
    ContributionPer,
    PackageView,
    PaperState,
    ProviderView,
    SchemeRow,
    SchemeView,
    TargetGroup,
    VersionState,
)
from jump.engines.ledger import api as ledger

OPEN_CLAIMS = [ClaimState.ENTERED.value, ClaimState.CHECKED.value, ClaimState.REVIEWED.value, ClaimState.VALUED.value]
_ONE_DAY = timedelta(days=1)


def scheme_row(actor: Actor, ref: Ref) -> CoverScheme:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    rows = CoverScheme.objects.visible_to(actor).select_related("scope")
    row: CoverScheme | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def schemes(actor: Actor, *, scope: str = "", target: str = "", limit: int = 50, offset: int = 0) -> list[SchemeRow]:
    """Schemes by title, with families, insured people and claims that wait. One statement."""
    today = clock.today()
    still = Q(persons__left_on__isnull=True) | Q(persons__left_on__gte=today)
    rows = (
        _chosen(actor, scope, target)
        .select_related("scope")
        .annotate(
            insured_now=Count("persons", filter=still, distinct=True),
            families_now=Count("families", filter=Q(families__ended_on__isnull=True), distinct=True),
            waiting_now=Count("claims", filter=Q(claims__state__in=OPEN_CLAIMS), distinct=True),
        )
        .order_by("title", "id")[offset : offset + limit]
    )
    return [
        SchemeRow(
            ref=Ref(row.ref),
            title=row.title,
            owner_ref=Ref(row.owner),
            scope=row.scope.path,
            families=row.families_now,
            insured=row.insured_now,
            claims_waiting=row.waiting_now,
        )
        for row in rows
    ]


def count_schemes(actor: Actor, *, scope: str = "", target: str = "") -> int:
    """How many there are for `schemes`."""
    return int(_chosen(actor, scope, target).count())


def _chosen(actor: Actor, scope: str, target: str) -> Any:
    rows = CoverScheme.objects.visible_to(actor).under(scope)
    if target:  # a list in a document of its own; the codes are few and quoted, so that none is part of another
        rows = rows.filter(targets__icontains=f'"{TargetGroup(target).value}"')
    return rows


def scheme(actor: Actor, ref: Ref) -> SchemeView:
    """One scheme as it stands today."""
    row = scheme_row(actor, ref)
    today = clock.today()
    held = ledger.balances(Ref(row.book))
    version = version_on(row, today, needed=False)

    def money(code: str, sign: int) -> Money:
        return Money(sign * held.get(code, 0), row.currency)

    return SchemeView(
        ref=Ref(row.ref),
        title=row.title,
        legal_form=row.legal_form,
        owner_ref=Ref(row.owner),
        scope=row.scope.path,
        currency=row.currency,
        targets=tuple(TargetGroup(one) for one in row.targets),
        target_population=row.target_population,
        opened_on=row.opened_on,
        book_ref=Ref(row.book),
        medical_ref=Ref(row.medical),
        package=package_view(version, row) if version else None,
        families=row.families.filter(ended_on__isnull=True).count(),
        insured=row.persons.filter(Q(left_on__isnull=True) | Q(left_on__gte=today)).count(),
        cash=money("cash", 1),
        reserve=money("reserve", -1),
        payable=money("claims_payable", -1),
    )


# --- packages ---------------------------------------------------------------------------------------------------------


def packages_of(actor: Actor, *, scheme_ref: Ref) -> list[PackageView]:
    """Every package of a scheme, the newest first."""
    row = scheme_row(actor, scheme_ref)
    return [package_view(one, row) for one in row.versions.order_by("-number")]


def package(actor: Actor, ref: Ref) -> PackageView:
    """One package of a scheme."""
    version = version_row(actor, ref)
    return package_view(version, version.scheme)


def version_row(actor: Actor, ref: Ref) -> CoverVersion:
    seen = CoverScheme.objects.visible_to(actor).values("pk")
    row = CoverVersion.objects.filter(ref=ref, scheme__in=seen).select_related("scheme__scope").first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def adopted(row: CoverScheme) -> list[CoverVersion]:
    """The adopted packages of a scheme in the order of their days."""
    return list(row.versions.filter(state=VersionState.ADOPTED).order_by("valid_from"))


def in_force(versions: Sequence[CoverVersion], day: date) -> CoverVersion | None:
    """The package in force on a day, among the adopted ones in their order."""
    return next((one for one in reversed(versions) if one.valid_from <= day), None)


def version_on(row: CoverScheme, day: date, *, needed: bool = True) -> CoverVersion | None:
    """The package in force on a day. Raises NoPackage where one is needed."""
    found = in_force(adopted(row), day)
    if found is None and needed:
        raise NoPackage(on=day.isoformat(), scheme=row.ref)
    return found


def package_view(one: CoverVersion, row: CoverScheme) -> PackageView:
    terms = one.terms
    later = None
    if one.state == VersionState.ADOPTED:
        after = row.versions.filter(state=VersionState.ADOPTED, valid_from__gt=one.valid_from).order_by("valid_from")
        later = after.values_list("valid_from", flat=True).first()
    return PackageView(
        ref=Ref(one.ref),
        scheme_ref=Ref(row.ref),
        number=one.number,
        product=one.product,
        product_version=one.product_version,
        title=title_of(one.product_title),
        state=VersionState(one.state),
        valid_from=one.valid_from,
        valid_until=later - _ONE_DAY if later else None,
        decision_ref=Ref(one.decision) if one.decision else None,
        proposed_by=one.proposed_by,
        adopted_by=one.adopted_by,
        benefits=tuple(benefit_view(benefit, row.currency) for benefit in terms["benefits"]),
        exclusions={ex["id"]: title_of(ex["text"]) for ex in terms.get("exclusions", [])},
        contribution=Money(terms["contribution"]["amount_minor"], row.currency),
        per=ContributionPer(terms["contribution"]["per"]),
        rhythm=terms["contribution"]["rhythm"],
        grace_days=int(terms["grace_days"]),
        ceiling_person=_limit(terms.get("ceiling_year_minor"), row.currency),
        ceiling_family=_limit(terms.get("ceiling_family_minor"), row.currency),
        terms=terms,
        sheet=one.sheet,
    )


def benefit_view(terms: Mapping[str, Any], currency: str) -> BenefitView:
    return BenefitView(
        code=terms["id"],
        title=title_of(terms["title"]),
        copay=as_exact(terms["copay"]),
        waiting_months=int(terms["waiting_months"]),
        ceiling_event=_limit(terms.get("ceiling_event_minor"), currency),
        ceiling_year=_limit(terms.get("ceiling_year_minor"), currency),
        events_year_max=terms.get("events_year_max"),
    )


def _limit(amount_minor: int | None, currency: str) -> Money | None:
    return None if amount_minor is None else Money(amount_minor, currency)


def rules_of(version: CoverVersion) -> BenefitPackage:
    """A package as the arithmetic of claims reads it."""
    terms = version.terms
    return BenefitPackage(
        version=version.ref,
        benefits=tuple(
            Benefit(
                code=one["id"],
                copay=as_exact(one["copay"]),
                waiting_months=int(one["waiting_months"]),
                ceiling_event_minor=one.get("ceiling_event_minor"),
                ceiling_year_minor=one.get("ceiling_year_minor"),
                events_year_max=one.get("events_year_max"),
            )
            for one in terms["benefits"]
        ),
        ceiling_year_minor=terms.get("ceiling_year_minor"),
        ceiling_family_minor=terms.get("ceiling_family_minor"),
    )


def entry_rule(terms: Mapping[str, Any]) -> EntryRule:
    return EntryRule(
        starts_with_payment=bool(terms.get("starts_with_payment", True)),
        again_after_days=terms.get("waits_again_after_days"),
    )


def year_of(terms: Mapping[str, Any], day: date) -> Period:
    """The year of the scheme that a day is in: limits of a year count in it, and it is closed at its end."""
    return fiscal_year(day, first_month=int(terms.get("year_starts_month", 1)))


def as_exact(written: str | int) -> Fraction:
    """A share or a frequency as package data write it ("0.20" or 1), exact."""
    return Fraction(Decimal(str(written)))


def share(terms: Mapping[str, Any], name: str, usual: str | int) -> Fraction:
    return as_exact(terms.get(name, usual))


# --- providers and cash -----------------------------------------------------------------------------------------------


def providers(actor: Actor, *, scheme_ref: Ref) -> list[ProviderView]:
    """Agreements with providers, the newest first."""
    row = scheme_row(actor, scheme_ref)
    return [
        ProviderView(
            ref=Ref(one.ref),
            provider_ref=Ref(one.provider),
            tariff={code: Money(amount, row.currency) for code, amount in sorted(one.tariff.items())},
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            proof_ref=Ref(one.proof),
        )
        for one in row.providers.order_by("-starts_on", "-id")
    ]


def agreement_on(row: CoverScheme, provider: str, day: date) -> CoverProvider | None:
    """The agreement with a provider on a day."""
    held = row.providers.filter(provider=provider, starts_on__lte=day).order_by("-starts_on")
    return held.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)).first()


def cash_moves(actor: Actor, *, scheme_ref: Ref, limit: int = 50) -> list[CashView]:
    """Expenses and subsidies of a scheme, what waits first, then the newest."""
    row = scheme_row(actor, scheme_ref)
    return [
        cash_view(one, row.currency)
        for one in row.cash_moves.select_related("scheme").order_by("-state", "-on", "-id")[:limit]
    ]


def cash_move(actor: Actor, ref: Ref) -> CashView:
    one = cash_row(actor, ref)
    return cash_view(one, one.scheme.currency)


def cash_row(actor: Actor, ref: Ref) -> CoverCash:
    seen = CoverScheme.objects.visible_to(actor).values("pk")
    row = CoverCash.objects.filter(ref=ref, scheme__in=seen).select_related("scheme__scope").first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def cash_view(one: CoverCash, currency: str) -> CashView:
    return CashView(
        ref=Ref(one.ref),
        scheme_ref=Ref(one.scheme.ref),
        kind=CashKind(one.kind),
        state=PaperState(one.state),
        on=one.on,
        amount=Money(one.amount_minor, currency),
        what=one.what,
        prepared_by=one.prepared_by,
        booked_by=one.booked_by,
        entry_ref=Ref(one.entry) if one.entry else None,
    )
