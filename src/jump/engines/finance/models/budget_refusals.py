"""What finance refuses about budgets, grants, donors and equipment, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.engines.ledger.api import AboutAmounts


class UseNotAllowed(Refusal):
    """A grant is used for what it was given for, and for nothing else (001, outputs, 7)."""

    code = "finance.use_not_allowed"
    http_status = 422
    message = _("This grant may be used for: %(allowed)s.")
    what_to_do = _("Say for which of these the money was used. Money used for anything else is paid back.")


class NotAccountedFor(AboutAmounts):
    """A grant is closed when everything paid is accounted for or paid back."""

    code = "finance.not_accounted_for"
    message = _("%(open)s of this grant is neither accounted for nor paid back.")
    what_to_do = _("Record what it was used for, or the money that comes back. Then close the grant.")


class AmountFixed(AboutAmounts):
    """Every award under this product is of one amount."""

    code = "finance.amount_fixed"
    http_status = 422
    message = _("Each award of this kind is %(each)s.")
    what_to_do = _("Write this amount.")


class ProofMissing(Refusal):
    """A milestone is met by its proof."""

    code = "finance.proof_missing"
    http_status = 422
    message = _("This condition is met by a proof, and none is named.")
    what_to_do = _("Name the record that proves it.")


class ProvisionHeld(Refusal):
    """The provision for cost increase is not spent or promised directly (000, 11.1(13))."""

    code = "finance.provision_held"
    message = _("The provision for cost increase is held. Nothing is paid out of it directly.")
    what_to_do = _("Ask for its release to the part of the budget that needs it. A second person decides.")


class BridgeOver(Refusal):
    """A bridge pays month by month, each once, until its last day or until another donor pays."""

    code = "finance.bridge_over"
    message = _("%(month)s is not paid by this bridge: it runs from %(starts_on)s to %(ends_on)s.")
    what_to_do = _("Let the coordinator extend the bridge with a reason, or let the new donor pay.")


class MonthPaid(Refusal):
    """The month was paid under this bridge."""

    code = "finance.month_paid"
    message = _("%(month)s is already paid.")


class NoInKindRate(Refusal):
    """Nothing is valued without a rate that was declared before."""

    code = "finance.no_in_kind_rate"
    http_status = 422
    message = _("No value of one %(unit)s of %(what)s is declared for %(on)s.")
    what_to_do = _("Declare what one unit is worth, from which day on and where that comes from.")


class PledgeNotThis(Refusal):
    """What came in is of another kind than what was promised."""

    code = "finance.pledge_not_this"
    http_status = 422
    message = _("This promise is for something else: %(kind)s.")
    what_to_do = _("Choose the promise that fits, or record it without a promise.")


class AssetGone(Refusal):
    """A thing that was handed over is no longer ours to move, check or pay for."""

    code = "finance.asset_gone"
    message = _("This was handed over on %(on)s. It belongs to somebody else now.")


class AssetUnchecked(Refusal):
    """Before a thing is handed over somebody looks at it (000, 2.9; the number of days is our default)."""

    code = "finance.asset_unchecked"
    http_status = 422
    message = _("It was not checked in the %(days)s days before. The hand-over says in what state it is.")
    what_to_do = _("Record a check first.")
