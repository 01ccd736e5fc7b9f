from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0004_financing_plans"),
    ]

    operations = [
        migrations.AddField("coverdiagnosis", "sealed", models.TextField(blank=True, default="")),
    ]
