from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0006_seal_diagnoses"),
    ]

    operations = [
        migrations.RemoveField("coverdiagnosis", "text"),
    ]
