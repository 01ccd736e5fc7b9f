"""The programme, its country programmes and its pilots as IATI activities.

Source: JUMP requirement REPORT-03 (open aid-data form, traceable to ledger and indicators) and IATI Standard 2.03. No
person's name and no group's name goes into the file; figures about fewer than five people are left out.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.money import Money, allocate
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.engines.reports.queries import template
from jump.engines.reports.services import iati_file as iati
from jump.engines.reports.services.progress import PROGRESS_REPORT
from jump.engines.results import api as results

IMPLEMENTATION, CLOSED = "2", "4"
MULTI_NATIONAL, NATIONAL, SINGLE_LOCATION = "3", "4", "8"
FUNDING, ACCOUNTABLE, IMPLEMENTING = "1", "2", "4"
INCOMING, EXPENDITURE = "1", "4"
UNIT, PERCENTAGE = "1", "2"
OUTCOME = "2"
SOURCES_TYPE = {"primary_donor": "10"}


def iati_activities(actor: Actor, *, scope: str | None, as_of: date, template_id: str = PROGRESS_REPORT) -> bytes:
    """The file for the whole programme, or for the part at and under a node. Needs the right to read reports."""
    require(actor, "reports.read", scope)
    made = Collector(actor, as_of, template(template_id).data["iati"]).activities(scope or "")
    return iati.write(made, generated_at=clock.now())


class Collector:
    """Reads what the activities tell, a few queries for each kind of thing and not for each place."""

    def __init__(self, actor: Actor, as_of: date, settings: Mapping[str, Any]) -> None:
        self.actor = actor
        self.as_of = as_of
        self.programme = parties.programme(actor)
        self.settings = settings
        reporter = settings["reporter"]
        self.reporter = iati.Organisation(str(reporter["name"]), str(reporter["type"]), str(reporter["ref"]))
        self.indicators = [
            f"{self.programme.definition.partition('.')[0]}.{one}" for one in settings.get("indicators", ())
        ]
        self.ends_on = self.programme.phases[-1].ends_on if self.programme.phases else as_of
        self.budget = self._budget()
        self.spends = self._spends()
        self.values = {
            (indicator, row.scope): row.value
            for indicator in self.indicators
            for kind in ("country", "project")
            for row in results.by_scope(actor, indicator=indicator, kind=kind)
        }

    def activities(self, scope: str) -> list[iati.Activity]:
        """Programme (hierarchy 1), countries (2), pilots (3), in the order of the tree."""
        made = []
        if self.programme.scope.startswith(scope):
            made.append(self._programme())
        for country in self.programme.countries:
            if country.scope.startswith(scope):
                made.append(self._country(country))
        for place in self.programme.communities:
            if place.scope.startswith(scope):
                made.append(self._pilot(place))
        return made

    # --- activities -------------------------------------------------------------------------------------

    def identifier(self, *parts: str) -> str:
        """The reporter's reference, the programme, and what is below it, with hyphens."""
        return "-".join((self.reporter.ref, self.programme.scope.strip("/").upper(), *parts))

    def _common(self) -> dict[str, Any]:
        status = CLOSED if self.ends_on < self.as_of else IMPLEMENTATION
        return {
            "reporter": self.reporter,
            "status": status,
            "starts_on": self.programme.starts_on,
            "ends_on": self.ends_on,
            "updated_at": clock.now(),
            "sector": str(self.settings["sector"]),
            "currency": self.budget.currency if self.budget else "USD",
        }

    def _participants(self, implementer: iati.Organisation) -> tuple[iati.Participant, ...]:
        funders = [
            iati.Participant(iati.Organisation(one.name, str(self.settings["funder_type"])), FUNDING)
            for one in self.programme.pledges
            if one.kind == "donor"
        ]
        return (
            *funders,
            iati.Participant(self.reporter, ACCOUNTABLE),
            iati.Participant(implementer, IMPLEMENTING),
        )

    def _programme(self) -> iati.Activity:
        programme = self.programme
        size = f"{len(programme.countries)} countries, {len(programme.communities)} communities"
        return iati.Activity(
            **self._common(),
            identifier=self.identifier(),
            title=programme.title,
            description=f"Decent jobs through cooperatives and self-help groups in {size}.",
            scope=MULTI_NATIONAL,
            hierarchy=1,
            participants=self._participants(self.reporter),
            countries=tuple(one.country for one in programme.countries),
            budgets=self._budgets(""),
            transactions=self._transactions(None),
            children=tuple(self.identifier(one.country) for one in programme.countries),
            results=self._results(programme.scope),
        )

    def _country(self, country: parties.PlaceView) -> iati.Activity:
        mine = [one for one in self.programme.communities if one.scope.startswith(country.scope)]
        return iati.Activity(
            **self._common(),
            identifier=self.identifier(country.country),
            title=f"{self.programme.title}: {country.name}",
            description=f"The programme in {country.name}, with {len(mine)} communities.",
            scope=NATIONAL,
            hierarchy=2,
            participants=self._participants(self._implementer(country.scope)),
            countries=(country.country,),
            budgets=self._budgets(country.country),
            transactions=self._transactions(country),
            parents=(self.identifier(),),
            children=tuple(self.identifier(one.country, _code(one)) for one in mine),
            results=self._results(country.scope),
        )

    def _pilot(self, place: parties.PlaceView) -> iati.Activity:
        return iati.Activity(
            **{**self._common(), "starts_on": max(self.programme.starts_on, place.since or self.programme.starts_on)},
            identifier=self.identifier(place.country, _code(place)),
            title=f"{place.name}: community economic renewal",
            description=f"Workshops, plan, proposals and enterprises of the community of {place.name}.",
            scope=SINGLE_LOCATION,
            hierarchy=3,
            participants=self._participants(self._implementer(place.scope)),
            countries=(place.country,),
            locations=(iati.Location(_code(place), place.name),),
            parents=(self.identifier(place.country),),
            results=self._results(place.scope),
        )

    def _implementer(self, scope: str) -> iati.Organisation:
        """The partner organisation of a place where one is registered there, else the executing body."""
        if not hasattr(self, "_partners"):
            self._partners = parties.organisations(self.actor, scope=self.programme.scope, limit=500)
        near = [one for one in self._partners if one.scope != self.programme.scope and scope.startswith(one.scope)]
        if not near:
            return self.reporter
        return iati.Organisation(near[0].name, str(self.settings.get("partner_type", "22")))

    # --- money ------------------------------------------------------------------------------------------

    def _budget(self) -> finance.BudgetView | None:
        try:
            return finance.budget(self.actor)
        except NotFound:
            return None

    def _spends(self) -> list[finance.SpendView]:
        return list(finance.spends(self.actor, limit=100_000)) if self.budget else []

    def _budgets(self, country: str) -> tuple[iati.Budget, ...]:
        """The plan by programme year: cells of the stages laid over the months that the stages take."""
        if self.budget is None:
            return ()
        cells = [cell for cell in self.budget.cells if not country or cell.country == country]
        total = sum(cell.plan.amount_minor for cell in cells)
        if not total:
            return ()
        years = _years(self.programme.starts_on, self.programme.phases[0].ends_on)
        parts = allocate(total, [(end - start).days + 1 for start, end in years])
        return tuple(
            iati.Budget(start, end, Money(part, self.budget.currency))
            for (start, end), part in zip(years, parts, strict=True)
        )

    def _transactions(self, country: parties.PlaceView | None) -> tuple[iati.Transaction, ...]:
        """Money received (programme), and money spent (by country and quarter), each with the number of its entries."""
        if self.budget is None:
            return ()
        made: list[iati.Transaction] = []
        if country is None:
            made.extend(self._received())
        sums: dict[tuple[date, str], list[int]] = {}
        for one in self.spends:
            if one.on > self.as_of:
                continue
            here = next((each for each in self.programme.countries if one.scope.startswith(each.scope)), None)
            if here != country:
                continue  # told once: by its country, or by the programme where it is of no country
            quarter = _quarter_end(one.on, self.as_of)
            sums.setdefault((quarter, one.amount.currency), []).append(one.amount.amount_minor)
        name = country.country if country is not None else "REGIONAL"
        for (quarter, currency), amounts in sorted(sums.items()):
            made.append(
                iati.Transaction(
                    ref=f"{name}-{quarter:%Y-%m}",
                    type=EXPENDITURE,
                    on=quarter,
                    value=Money(sum(amounts), currency),
                    description=f"Spending of the quarter in {len(amounts)} entries of the books",
                    provider=self.reporter,
                )
            )
        return tuple(made)

    def _received(self) -> list[iati.Transaction]:
        made = []
        for source in finance.sources(self.actor, as_of=self.as_of):
            if source.received.amount_minor <= 0:
                continue
            kind = SOURCES_TYPE.get(source.id, str(self.settings["funder_type"]))
            made.append(
                iati.Transaction(
                    ref=f"IN-{source.id.upper().replace('_', '-')}",
                    type=INCOMING,
                    on=min(source.starts_on, self.as_of),
                    value=source.received,
                    description=f"Received from {source.title}",
                    provider=iati.Organisation(source.title, kind),
                    receiver=self.reporter,
                )
            )
        return made

    # --- results ----------------------------------------------------------------------------------------

    def _results(self, scope: str) -> tuple[iati.Result, ...]:
        told = tuple(
            indicator for full_id in self.indicators if (indicator := self._indicator(full_id, scope)) is not None
        )
        if not told:
            return ()
        return (iati.Result("Decent jobs and what they bring", OUTCOME, told),)

    def _indicator(self, full_id: str, scope: str) -> iati.Indicator | None:
        value = self.values.get((full_id, scope))
        if value is None and scope == self.programme.scope:
            value = self.values[(full_id, scope)] = results.current(self.actor, indicator=full_id, scope=scope)
        if value is None or value.value is None or value.is_hidden:
            return None
        actuals = [iati.Reading(value.value)]
        for part in value.parts:
            if part.value is not None and not part.is_hidden and part.dimension == "sex":
                actuals.append(iati.Reading(part.value, (part.dimension, part.category)))
        targets = (iati.Reading(value.target),) if value.target is not None else ()
        baseline = None
        if value.baseline is not None and value.baseline_on is not None:
            baseline = (value.baseline_on.year, value.baseline)
        return iati.Indicator(
            title=value.indicator_title,
            description=self._definition(full_id),
            measure=PERCENTAGE if value.unit == "percent" else UNIT,
            ascending=True,
            periods=(iati.IndicatorPeriod(self.programme.starts_on, value.as_of, targets, tuple(actuals)),),
            baseline=baseline,
        )

    def _definition(self, full_id: str) -> str:
        if not hasattr(self, "_definitions"):
            self._definitions = {one.id: one.definition for one in results.indicators(self.actor)}
        return text(self._definitions.get(full_id, ""))


def _code(place: parties.PlaceView) -> str:
    return place.scope.rstrip("/").rpartition("/")[2].upper()


def _years(first: date, last: date) -> list[tuple[date, date]]:
    """The span cut into pieces of at most 365 days, without a gap."""
    found = []
    start = first
    while start <= last:
        end = min(start + timedelta(days=364), last)
        found.append((start, end))
        start = end + timedelta(days=1)
    return found


def _quarter_end(day: date, as_of: date) -> date:
    month = (day.month - 1) // 3 * 3 + 3
    following = date(day.year + (month == 12), month % 12 + 1, 1)
    return min(following - timedelta(days=1), as_of)
