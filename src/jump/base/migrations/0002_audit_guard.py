"""The audit trail is only ever added to: the database itself refuses changes and deletions."""

from django.db import migrations

from jump.base.audit import GUARDS
from jump.base.guards import installer


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial")]
    operations = [migrations.RunPython(*installer(GUARDS))]
