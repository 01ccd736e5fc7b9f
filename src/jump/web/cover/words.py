"""Words of community insurance, and the mark that goes with them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from jump.core.insurance import Alarm, Promptness, Standing, StandingReason, TenIndicator
from jump.engines.finance import api as finance
from jump.web import formats

STANDINGS: dict[str, tuple[Any, str]] = {
    StandingReason.IN_FORCE: (lazy("Covered"), "good"),
    StandingReason.IN_GRACE: (lazy("Covered, a contribution is late"), "warn"),
    StandingReason.NOT_YET_JOINED: (lazy("Not yet a member"), ""),
    StandingReason.FIRST_UNPAID: (lazy("Begins with the first payment"), "warn"),
    StandingReason.SUSPENDED: (lazy("Suspended"), "bad"),
    StandingReason.ENDED: (lazy("Ended"), ""),
}
CLAIM_STATES: dict[str, tuple[Any, str]] = {
    "entered": (lazy("Entered"), "warn"),
    "checked": (lazy("Checked"), "warn"),
    "reviewed": (lazy("Reviewed"), "warn"),
    "valued": (lazy("Approved, waits to be paid"), "blue"),
    "paid": (lazy("Paid"), "good"),
    "rejected": (lazy("Rejected"), "bad"),
}
STEPS: dict[str, Any] = {
    "entered": lazy("Entered"),
    "checked": lazy("Checked"),
    "reviewed": lazy("Reviewed"),
    "valued": lazy("Approved"),
    "paid": lazy("Paid"),
    "rejected": lazy("Rejected"),
}
CHECK_RESULTS: dict[str, tuple[Any, str]] = {
    "fine": (lazy("Fine"), "good"),
    "note": (lazy("Look at this"), "warn"),
    "stops": (lazy("Stops it"), "bad"),
}
REASONS: dict[str, Any] = {
    "not_insured": lazy("Not insured on the day"),
    "waiting_period": lazy("In the waiting period"),
    "outside_package": lazy("Not in the package"),
    "ceiling_used": lazy("The limit is used up"),
    "tariff_exceeded": lazy("Above the agreed price"),
    "document_missing": lazy("Papers are missing"),
    "duplicate": lazy("Claimed twice"),
    "suspected_fraud": lazy("Suspected fraud"),
}
RELATIONS: dict[str, Any] = {
    "head": lazy("Head of the family"),
    "spouse": lazy("Wife or husband"),
    "child": lazy("Child"),
    "parent": lazy("Parent"),
    "other": lazy("Other"),
}
TARGETS: dict[str, Any] = {
    "women": lazy("Women"),
    "children": lazy("Children"),
    "informal_women": lazy("Women in informal work"),
}
PER: dict[str, Any] = {"person": lazy("for each person"), "family": lazy("for the family")}
PAY_TO: dict[str, Any] = {"provider": lazy("The provider"), "member": lazy("The member who paid")}
RHYTHMS: dict[str, Any] = {
    "daily": lazy("every day"),
    "weekly": lazy("every week"),
    "fortnightly": lazy("every two weeks"),
    "monthly": lazy("every month"),
    "two_monthly": lazy("every two months"),
    "quarterly": lazy("every three months"),
    "half_yearly": lazy("every six months"),
    "yearly": lazy("every year"),
}
VERSIONS: dict[str, tuple[Any, str]] = {
    "proposed": (lazy("Proposed"), "warn"),
    "adopted": (lazy("Adopted"), "good"),
    "dropped": (lazy("Given up"), ""),
}
PAPERS: dict[str, tuple[Any, str]] = {
    "prepared": (lazy("Waits for a second person"), "warn"),
    "booked": (lazy("Booked"), "good"),
    "dropped": (lazy("Given up"), ""),
}
APPEALS: dict[str, tuple[Any, str]] = {
    "open": (lazy("Waits to be decided"), "warn"),
    "granted": (lazy("Granted"), "good"),
    "refused": (lazy("Not granted"), "bad"),
}
TEN: dict[TenIndicator, Any] = {
    TenIndicator.NET_INCOME: lazy("Net income"),
    TenIndicator.EXPENSES: lazy("Running costs"),
    TenIndicator.CLAIMS: lazy("Claims"),
    TenIndicator.RENEWAL: lazy("Families that stay"),
    TenIndicator.PROMPTNESS: lazy("Claims paid within 30 days"),
    TenIndicator.REJECTION: lazy("Claims rejected"),
    TenIndicator.GROWTH: lazy("Growth of insured people"),
    TenIndicator.COVERAGE: lazy("Insured of those the scheme is for"),
    TenIndicator.SOLVENCY: lazy("Assets over what is owed"),
    TenIndicator.LIQUIDITY: lazy("Cash over what is due in three months"),
}
PROMPT: dict[Promptness, Any] = {
    Promptness.DAYS_7: lazy("up to 7 days"),
    Promptness.DAYS_30: lazy("8 to 30 days"),
    Promptness.DAYS_90: lazy("31 to 90 days"),
    Promptness.LATER: lazy("more than 90 days"),
}
ALARMS: dict[Alarm, Any] = {
    Alarm.CLAIMS_3_MONTHS: lazy(
        "Claims took more than 90 % of contributions for three months. The assembly decides on contribution, "
        "co-payment or package."
    ),
    Alarm.LIQUIDITY: lazy("There is less cash than is due in three months. Add no benefits; look for help."),
    Alarm.FEW_INSURED: lazy("Fewer than 200 people are insured. Join with another scheme, or share the risk."),
    Alarm.ONE_PROVIDER: lazy("More than 70 % of the cost goes to one provider. Have its claims looked at."),
    Alarm.RENEWAL: lazy("Fewer than 60 % of families stayed. Ask those who left why."),
}
HOW_ESTIMATED: dict[str, Any] = {
    "none": lazy("too few months of claims for an estimate"),
    "delay": lazy("by the usual delay of reports and the last three months"),
    "chain_ladder": lazy("by the chain ladder over twelve months"),
}


def percent(value: Fraction | None, decimals: int = 1) -> str:
    """A ratio as people read it; not defined where there is nothing below the line."""
    return _("not defined") if value is None else formats.number(round(float(value * 100), decimals), decimals) + " %"


def goal(one: finance.IndicatorView) -> str:
    """60 % to 85 %."""
    if one.goal is None:
        return ""
    low, high = one.goal.low, one.goal.high
    if low is not None and high is not None:
        return _("%(low)s to %(high)s") % {"low": percent(low, 0), "high": percent(high, 0)}
    if low is not None:
        said = _("above %(low)s") if one.goal.is_open else _("at least %(low)s")
        return said % {"low": percent(low, 0)}
    said = _("below %(high)s") if one.goal.is_open else _("at most %(high)s")
    return said % {"high": percent(high, 0)}


def why(standing: Standing) -> str:
    """The reason of a standing in one sentence."""
    if standing.reason is StandingReason.SUSPENDED:
        return _("since %(since)s; the contribution of %(due)s is not paid") % {
            "since": formats.day(standing.suspended_from),
            "due": formats.day(standing.unpaid_since),
        }
    if standing.reason in (StandingReason.FIRST_UNPAID, StandingReason.IN_GRACE):
        return _("the contribution of %(due)s is not paid") % {"due": formats.day(standing.unpaid_since)}
    if standing.is_in_force and standing.counts_from:
        return _("waiting counts from %(day)s") % {"day": formats.day(standing.counts_from)}
    return ""


def limits(benefit: finance.BenefitView) -> str:
    """Up to PHP 400.00 for an event, PHP 800.00 in a year, once in a year."""
    found = []
    if benefit.ceiling_event:
        found.append(_("%(most)s for an event") % {"most": formats.money(benefit.ceiling_event)})
    if benefit.ceiling_year:
        found.append(_("%(most)s in a year") % {"most": formats.money(benefit.ceiling_year)})
    if benefit.events_year_max:
        found.append(
            ngettext("%(n)s time in a year", "%(n)s times in a year", benefit.events_year_max)
            % {"n": benefit.events_year_max}
        )
    return ", ".join(found)


def check_facts(one: finance.ClaimCheck, titles: dict[str, str]) -> str:
    """What a check rests on, in one sentence; "" where there is nothing to say."""
    facts, code = one.facts, one.code
    named = ", ".join(titles.get(name, name) for name in facts.get("benefits", ()))
    if code is finance.CheckCode.IN_FORCE:
        return str(STANDINGS[facts["reason"]][0])
    if code is finance.CheckCode.WAITING and named:
        first = min(facts["from"].values())
        return _("%(benefits)s: from %(day)s on") % {"benefits": named, "day": formats.day(first)}
    if code is finance.CheckCode.REPORTED:
        return _("until %(day)s") % {"day": formats.day(facts["until"])}
    if code in (finance.CheckCode.TARIFF, finance.CheckCode.LIMITS) and named:
        return _("%(amount)s less: %(benefits)s") % {"amount": formats.money(facts["cut"]), "benefits": named}
    if code is finance.CheckCode.SAME_EVENT and facts:
        return _("the same event is in claim %(number)s") % {"number": facts["number"]}
    if code is finance.CheckCode.COPAY:
        return formats.money(facts["copay"])
    if code is finance.CheckCode.REVIEW:
        return _("needed") if facts["needed"] else _("not needed")
    return named
