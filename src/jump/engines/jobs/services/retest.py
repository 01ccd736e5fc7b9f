"""Hold verified jobs against a newer test of their country. Old results stay; frozen figures stay."""

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.engines.jobs.models import JobSpell, TermsRow
from jump.engines.jobs.queries.floors import country_test
from jump.engines.jobs.services.changed import figures_changed
from jump.engines.jobs.services.verify import apply_test
from jump.engines.jobs.types import State

BATCH = 500


def retest(actor: Actor, *, country: str, version: str | None = None) -> int:
    """Apply the country's test (the latest, or the version named) to its verified jobs; returns how many changed.

    A claim keeps the latest terms seen before; each new result names the version it was held against.
    """
    require(actor, "base.packages")
    test = country_test(country, version)
    day = clock.today()
    changed = 0
    with write_transaction():
        rows = JobSpell.objects.filter(scope__path__contains=f"/{country}/", proof=State.VERIFIED)
        for spell in rows.exclude(test_version=test.version).order_by("pk").iterator(BATCH):
            terms = TermsRow.objects.filter(spell=spell).order_by("-on", "-pk").first()
            assert terms is not None, "a claim keeps its terms"
            before = (spell.is_decent, spell.missing)
            apply_test(spell, terms, test, on=day)
            spell.save(update_fields=["is_decent", "missing", "test_version"])
            changed += (spell.is_decent, spell.missing) != before
        record(actor, "jobs.retest", facts={"country": country, "version": test.version, "changed": changed})
        figures_changed(actor, on=day)
    return changed
