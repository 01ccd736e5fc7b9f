import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jump.base.tables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '__first__'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
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
                        'indexes': [models.Index(fields=['ends_at'], name='api_token_end')],
                    },
                ),
            ],
        ),
    ]
