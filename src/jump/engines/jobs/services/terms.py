"""Terms as rows: checked for the impossible, kept as they were said."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from jump.base.prepared import add
from jump.base.refusals import BadInput
from jump.core.money import CURRENCY_EXPONENTS
from jump.engines.jobs.models import JobSpell, TermsRow
from jump.engines.jobs.types import Terms

HOURS_IN_A_WEEK = 168


def check_terms(terms: Terms) -> None:
    """Refuse what cannot be: pay below zero or without a currency, more hours than a week has. Odd is not refused."""
    errors: dict[str, list[str]] = {}
    if terms.pay_minor_monthly is not None:
        if terms.pay_minor_monthly < 0:
            errors["pay"] = [str(_("Pay cannot be below zero."))]
        if terms.currency not in CURRENCY_EXPONENTS:
            errors["currency"] = [str(_("Write the currency with its three letters, for example PHP."))]
    if terms.hours_weekly is not None and not 0 <= terms.hours_weekly <= HOURS_IN_A_WEEK:
        errors["hours_weekly"] = [str(_("A week has 168 hours."))]
    if terms.months_expected is not None and terms.months_expected < 0:
        errors["months_expected"] = [str(_("A number of months cannot be below zero."))]
    if errors:
        raise BadInput(errors)


def seen_over(known: Terms, seen: Terms) -> Terms:
    """What was seen now, and for what nobody asked again what was known before. Pay goes with its currency."""
    given = {field.name: value for field in fields(seen) if (value := getattr(seen, field.name)) not in (None, "")}
    if "pay_minor_monthly" not in given:
        given.pop("currency", None)
    return replace(known, **given)


def keep_terms(spell: JobSpell, terms: Terms, *, source: str, on: date) -> TermsRow:
    return add(
        TermsRow(
            spell=spell,
            source=source,
            on=on,
            pay_minor_monthly=terms.pay_minor_monthly,
            currency=terms.currency if terms.pay_minor_monthly is not None else "",
            hours_weekly=Decimal(terms.hours_weekly) if terms.hours_weekly is not None else None,
            has_written_terms=terms.has_written_terms,
            has_social_protection=terms.has_social_protection,
            is_safe=terms.is_safe,
            has_rights=terms.has_rights,
            is_freely_chosen=terms.is_freely_chosen,
            is_free_of_hazard=terms.is_free_of_hazard,
            is_paid_on_time=terms.is_paid_on_time,
            is_equal=terms.is_equal,
            months_expected=terms.months_expected,
        )
    )
