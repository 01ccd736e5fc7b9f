"""Making, publishing and sending out editions."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from django.db.models import Max

from jump.base import clock, packages
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node, node_id
from jump.core.units import Ref
from jump.engines.reports.models import Distribution, Edition
from jump.engines.reports.types import Block, EditionState, NotPublished, to_data

CHECK_CODE_LENGTH = 12


def keep_edition(
    actor: Actor,
    *,
    definition: packages.Definition,
    title: str,
    period: str,
    scope: str,
    language: str,
    as_of: date,
    blocks: Sequence[Block],
    missing_inputs: Sequence[str],
    figure_set_ref: Ref | None,
) -> Ref:
    """Keep a composed document as an edition. The same content again is the same edition, not another one."""
    require(actor, "reports.write", scope)
    data = to_data(blocks)
    plain = json.dumps([title, period, scope, language, as_of.isoformat(), data], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(plain.encode()).hexdigest()
    with write_transaction():
        mine = Edition.objects.filter(template=definition.id, period=period, scope_id=node_id(scope), language=language)
        known = mine.filter(key=digest).values_list("ref", flat=True).first()
        if known is not None:
            return Ref(known)
        number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
        row = Edition.objects.create(
            scope_id=node_id(scope),
            template=definition.id,
            template_version=definition.version,
            title=title[:200],
            period=period,
            number=number,
            language=language,
            state=EditionState.DRAFT.value,
            blocks=data,
            missing_inputs=list(missing_inputs),
            as_of=as_of,
            figure_set=figure_set_ref or "",
            check_code=digest[:CHECK_CODE_LENGTH],
            made_at=clock.now(),
            made_by=actor.key,
            key=digest,
        )
        record(actor, "reports.made", Ref(row.ref), facts={"template": definition.id, "period": period})
    return Ref(row.ref)


def publish(actor: Actor, *, edition_ref: Ref, on: date) -> None:
    """Publish an edition: from now on the database refuses every change to it. Publishing twice changes nothing."""
    with write_transaction():
        row = _edition(actor, edition_ref)
        require(actor, "reports.publish", row.scope.path)
        if row.state == EditionState.PUBLISHED.value:
            return
        row.state = EditionState.PUBLISHED.value
        row.published_on = on
        row.published_by = actor.key
        row.save(update_fields=["state", "published_on", "published_by"])
        record(actor, "reports.published", edition_ref, facts={"check_code": row.check_code})


def distribute(
    actor: Actor, *, edition_ref: Ref, how: str, on: date, to_ref: Ref | None = None, to_class: str = ""
) -> Ref:
    """Note who got a published edition (REPORT-05). The same recipient twice is one row."""
    with write_transaction():
        row = _edition(actor, edition_ref)
        require(actor, "reports.write", row.scope.path)
        if row.state != EditionState.PUBLISHED.value:
            raise NotPublished(ref=edition_ref)
        made, _created = Distribution.objects.get_or_create(
            edition=row, to=to_ref or "", to_class=to_class, defaults={"how": how, "on": on}
        )
    return Ref(made.ref)


def mark_read(actor: Actor, *, distribution_ref: Ref, on: date) -> None:
    """Note when a recipient read it (JNCC-03)."""
    with write_transaction():
        row = Distribution.objects.select_related("edition__scope").filter(ref=distribution_ref).first()
        if row is None:
            raise NotFound(ref=distribution_ref)
        require(actor, "reports.write", row.edition.scope.path)
        if row.read_on is None:
            row.read_on = on
            row.save(update_fields=["read_on"])


def _edition(actor: Actor, ref: Ref) -> Edition:
    row: Edition | None = Edition.objects.locked().visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def scope_title(path: str) -> str:
    """What a node is called."""
    return str(node(path).title)
