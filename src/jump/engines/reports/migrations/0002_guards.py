"""Editions are kept as they were made; published ones never change."""

from django.db import migrations

from jump.base.guards import installer
from jump.engines.reports.models import GUARDS


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunPython(*installer(GUARDS))]
