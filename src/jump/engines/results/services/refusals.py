"""What results will not do, by name."""

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal


class SplitMismatch(Refusal):
    """The parts of a target do not add up to the whole (PROG-03)."""

    code = "results.split_mismatch"
    http_status = 422
    message = _("The parts add up to %(parts)s, but the target is %(total)s.")
    what_to_do = _("Change the parts until they add up to %(total)s, or set a new target for the whole first.")


class UnknownIndicator(Refusal):
    """No installed package defines this indicator, so it can have no value (INDICATORS-01)."""

    code = "results.unknown_indicator"
    http_status = 404
    message = _("No indicator is called %(indicator)s.")
    what_to_do = _("Choose one from the results table, or add it to a programme package.")


class UnknownNode(Refusal):
    """The framework has no such node."""

    code = "results.unknown_node"
    http_status = 404
    message = _("The framework has no objective, output or activity %(node)s.")
    what_to_do = _("Choose one from the framework.")


class ReasonMissing(Refusal):
    """A change of this kind needs a reason."""

    code = "results.reason_missing"
    http_status = 422
    message = _("Say why.")
    what_to_do = _("Write the reason, then save again.")


class PeriodOpen(Refusal):
    """A period is frozen once it is over."""

    code = "results.period_open"
    message = _("The period %(period)s ends on %(ends_on)s and is not over yet.")
    what_to_do = _("Freeze it after that day.")


class UnknownPeriod(Refusal):
    """A period is a year, a half-year or a quarter."""

    code = "results.unknown_period"
    http_status = 422
    message = _("%(period)s is not a period.")
    what_to_do = _("Write 2004-H1 for a half-year, 2004-Q3 for a quarter, or 2004 for a year.")


class ProofMissing(Refusal):
    """What is called done or reached needs its evidence."""

    code = "results.proof_missing"
    http_status = 422
    message = _("This needs its proof: a report, minutes or another record.")
    what_to_do = _("Record the evidence first, then name it here.")


class ActivityClosed(Refusal):
    """An activity that is done or dropped stays so."""

    code = "results.activity_closed"
    message = _("The activity %(activity)s is already closed.")
    what_to_do = _("Plan a new one if the work goes on.")


class PhaseOutMissing(Refusal):
    """An annual plan says how the programme will leave (programme document 2.9)."""

    code = "results.phase_out_missing"
    http_status = 422
    message = _("An annual work plan needs its phase-out part.")
    what_to_do = _("Write what will be handed over, to whom and when.")


class PlanIncomplete(Refusal):
    """A plan needs its period and its content."""

    code = "results.plan_incomplete"
    http_status = 422
    message = _("The plan is not complete: %(what)s.")
    what_to_do = _("Fill what is missing, then save again.")


class PlanApproved(Refusal):
    """An approved plan is kept."""

    code = "results.plan_approved"
    message = _("This plan was approved on %(approved_on)s and is kept as it was.")
    what_to_do = _("Make a new version of it.")


class OwnWork(Refusal):
    """Whoever made a plan does not approve it."""

    code = "results.same_person"
    message = _("You made this plan, so somebody else must approve it.")
    what_to_do = _("Ask the coordinator above you.")


class KeyReused(Refusal):
    """The same idempotency key came with other content."""

    code = "results.key_reused"
    message = _("This number was already used for something else.")
    what_to_do = _("Nothing was saved twice. Reload the page and send again.")


class LogframeBroken(Refusal):
    """An imported table cannot be read as a framework."""

    code = "results.logframe_broken"
    http_status = 422
    message = _("Line %(line)s of the table cannot be read: %(what)s.")
    what_to_do = _("Correct the line and import the table again. Nothing was changed.")
