from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BEFORE = "api_apitoken"  # where tokens were kept while the API was an app of its own


def bring_over(apps: Any, schema_editor: Any) -> None:
    """Tokens given out before go on to open."""
    connection = schema_editor.connection
    if BEFORE not in connection.introspection.table_names():
        return
    columns = "user_id, digest, label, made_at, ends_at"
    schema_editor.execute(f"insert into base_apitoken ({columns}) select {columns} from {BEFORE}")
    schema_editor.execute(f"drop table {BEFORE}")


class Migration(migrations.Migration):

    dependencies = [
        ('base', '0003_consequences'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('label', models.CharField(blank=True, default='', max_length=100)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['ends_at'], name='base_token_end')],
            },
        ),
        migrations.RunPython(bring_over, migrations.RunPython.noop),
    ]
