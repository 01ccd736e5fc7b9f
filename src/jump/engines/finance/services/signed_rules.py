"""The numbers of a fund's rules, read out of the text that its parties signed (000, 8.3(4))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from jump.base.actors import system_actor
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.finance.models import Fund, RuleSet
from jump.engines.finance.models.refusals import RulesNotSigned
from jump.engines.finance.services.funds import declared_rules
from jump.engines.finance.types import RULE_SEATS, FundRules

_RULES = system_actor("rules of a fund")


def signed_rules(
    rules_ref: Ref | None,
    *,
    package: str = "",
    percents: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> FundRules:
    """The rules of a dossier that all parties signed as it is now; `rules_ref` is any version of it.

    What the text gives as a part in 100 stands under `percents`, what it gives as it is under `numbers`: the name of
    the rule, and the question of the form. All else comes from the package's rules.yaml, `without` what the signed
    text alone settles.
    """
    if rules_ref is None or rules_ref.kind != "dsv":
        raise RulesNotSigned(rules=str(rules_ref or ""))
    dossier = evidence.dossier(_RULES, evidence.dossier_version(_RULES, rules_ref).dossier_ref)
    if not dossier.is_signed or not dossier.versions:
        raise RulesNotSigned(rules=dossier.ref, waits_for=[one.title for one in dossier.signatures if one.on is None])
    signed = evidence.dossier_version(_RULES, dossier.versions[-1].ref)
    said = _answers(signed.sections)
    found = {name: Decimal(value) for name, value in (declared_rules(package) if package else {}).items()}
    for name, question in (percents or {}).items():
        found[name] = Decimal(str(said[question])) / 100
    for name, question in (numbers or {}).items():
        found[name] = Decimal(str(said[question]))
    for name in without:
        found.pop(name, None)
    parties = {name: one.by_key for one in dossier.signatures for name in (one.signer, one.role) if one.on is not None}
    return FundRules(
        parameters=found,
        definition=package,
        valid_from=dossier.signed_on,
        consulted={seat: parties[seat] for seat in RULE_SEATS if seat in parties},
        signed_ref=signed.ref,
    )


def fund_under(rules_ref: Ref) -> Ref | None:
    """The fund whose rules stand in an earlier version of the same signed text."""
    dossier = evidence.dossier(_RULES, evidence.dossier_version(_RULES, rules_ref).dossier_ref)
    versions = [one.ref for one in dossier.versions]
    held = RuleSet.objects.filter(signed__in=versions).order_by("-id").values_list("fund_id", flat=True).first()
    found = Fund.objects.filter(pk=held).values_list("ref", flat=True).first() if held else None
    return Ref(found) if found else None


def _answers(sections: Mapping[str, object]) -> dict[str, Any]:
    """The last answers of every section, by question."""
    found: dict[str, Any] = {}
    for forms in sections.values():
        if isinstance(forms, list) and forms:
            found.update(forms[-1].get("answers") or {})
    return found
