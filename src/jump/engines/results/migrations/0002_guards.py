"""Install the guards (see `jump.engines.results.models.guards`)."""

from typing import Any, ClassVar

from django.db import migrations

from jump.engines.results.models.guards import drop_guards, install_guards


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("results", "0001_initial")]

    operations: ClassVar[list[Any]] = [migrations.RunPython(install_guards, drop_guards)]
