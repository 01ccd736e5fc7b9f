"""Declare a post: one place of work at one employer."""

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can, require
from jump.base.db import write_transaction
from jump.base.refusals import BadInput
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.jobs.models import Post
from jump.engines.jobs.services.keys import digest_of, found_by_key


def declare_post(
    actor: Actor,
    *,
    employer_ref: Ref,
    title: str,
    isco: str = "",
    scope: str,
    key: str = "",
    share_percent: int = 100,
    salary_monthly: Money | None = None,
    budget_line: str = "",
    funded_by: Ref | str = "",
) -> Ref:
    """A post at an employer; for the programme's own staff also its share of full time, pay and funding (BUDGET-17)."""
    if not can(actor, "jobs.verify", scope):
        require(actor, "jobs.claim", scope)
    errors: dict[str, list[str]] = {}
    if not title.strip():
        errors["title"] = [str(_("Say what work is done."))]
    if not 1 <= share_percent <= 100:
        errors["share_percent"] = [str(_("A share of full time lies between 1 and 100."))]
    if salary_monthly is not None and salary_monthly.amount_minor < 0:
        errors["salary_monthly"] = [str(_("A salary cannot be below zero."))]
    if errors:
        raise BadInput(errors)
    digest = digest_of(
        {
            "employer": employer_ref,
            "title": title,
            "isco": isco,
            "scope": scope,
            "share": share_percent,
            "salary": str(salary_monthly or ""),
            "line": budget_line,
            "funded_by": funded_by,
        }
    )
    with write_transaction():
        found = found_by_key(Post, key, digest)
        if found is not None:
            return Ref(found.ref)
        made = Post.objects.create(
            scope_id=node_id(scope),
            employer_ref=employer_ref,
            title=title.strip(),
            isco=isco,
            share_percent=share_percent,
            salary_minor_monthly=salary_monthly.amount_minor if salary_monthly else None,
            currency=salary_monthly.currency if salary_monthly else "",
            budget_line=budget_line,
            funded_by=funded_by,
            key=key or None,
            key_digest=digest,
        )
        return Ref(made.ref)
