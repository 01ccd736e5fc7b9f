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
                    name='KeptText',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token', models.CharField(max_length=64, unique=True)),
                        ('path', models.CharField(max_length=2000)),
                        ('fields', models.JSONField()),
                        ('dropped_files', models.JSONField(default=list)),
                        ('kept_at', models.DateTimeField(db_index=True)),
                        ('writer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'db_table': 'web_kepttext',
                    },
                ),
                migrations.CreateModel(
                    name='KeptFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('field', models.CharField(max_length=200)),
                        ('name', models.CharField(max_length=255)),
                        ('content_type', models.CharField(max_length=200)),
                        ('content', models.BinaryField()),
                        ('kept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='web.kepttext')),
                    ],
                    options={
                        'db_table': 'web_keptfile',
                    },
                ),
            ],
        ),
    ]
