"""Commodities that accounts are kept in already become declared units, whole; then the guards are installed."""

from typing import Any, ClassVar

from django.db import migrations

from jump.core.money import CURRENCY_EXPONENTS
from jump.engines.ledger.models.guards import drop_guards, install_guards


def declare_used_units(apps: Any, schema_editor: Any) -> None:
    Account, Unit = apps.get_model("ledger", "Account"), apps.get_model("ledger", "Unit")
    used = set(Account.objects.values_list("unit", flat=True).distinct()) - set(CURRENCY_EXPONENTS)
    Unit.objects.bulk_create(Unit(code=code, title=code, decimals=0) for code in sorted(used))


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0003_units_holds_batches")]

    operations: ClassVar[list[Any]] = [
        migrations.RunPython(declare_used_units, migrations.RunPython.noop),
        migrations.RunPython(install_guards, drop_guards),
    ]
