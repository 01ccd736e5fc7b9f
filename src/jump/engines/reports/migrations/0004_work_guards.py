"""What an edition of a work comes from never changes; a published one stays as it is."""

from django.db import migrations

from jump.base.guards import installer
from jump.engines.reports.models import WORK_GUARDS


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_works")]
    operations = [migrations.RunPython(*installer(WORK_GUARDS))]
