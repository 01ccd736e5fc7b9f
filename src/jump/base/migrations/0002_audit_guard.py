"""The audit trail is only ever added to: the database itself refuses changes and deletions."""

from django.db import migrations

from jump.base.audit_guard import install, remove


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
