from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0005_seal_diagnoses"),
    ]

    operations = [
        migrations.RemoveField("coverdiagnosis", "text"),
    ]
