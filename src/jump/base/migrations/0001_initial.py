import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jump.base.models
import jump.base.refs
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
                    name='AuditEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='aud', max_length=24)),
                        ('at', models.DateTimeField(db_index=True)),
                        ('who', models.CharField(max_length=120)),
                        ('action', models.CharField(max_length=80)),
                        ('about', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('why', models.TextField(blank=True, default='')),
                        ('facts', models.JSONField(default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name='OutboxFailure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=250, unique=True)),
                        ('effect', models.CharField(max_length=80)),
                        ('about', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('code', models.CharField(max_length=80)),
                        ('message', models.TextField()),
                        ('facts', models.JSONField(default=dict)),
                        ('at', models.DateTimeField()),
                        ('settled_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='PersonKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person', jump.base.refs.PointerField(db_index=True, max_length=24, unique=True)),
                        ('wrapped', models.BinaryField()),
                        ('destroyed_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='StoredFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='fil', max_length=24)),
                        ('sha256', models.CharField(db_index=True, max_length=64)),
                        ('mime', models.CharField(max_length=100)),
                        ('size', models.BigIntegerField()),
                        ('name', models.CharField(max_length=200)),
                        ('stored_at', models.DateTimeField()),
                        ('stored_by', models.CharField(max_length=120)),
                    ],
                ),
                migrations.CreateModel(
                    name='Installation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('today_pinned', models.DateField(null=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='base_one_installation')],
                    },
                ),
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('party', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('template', models.CharField(max_length=80)),
                        ('facts', models.JSONField(default=dict)),
                        ('about', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('at', models.DateTimeField()),
                        ('read_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='PackageVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('version', models.CharField(max_length=20)),
                        ('digest', models.CharField(max_length=64)),
                        ('content', jump.base.models.OrderedJSONField()),
                        ('installed_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='base_package_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ScopeNode',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('path', models.CharField(max_length=200, unique=True)),
                        ('kind', models.CharField(choices=[('programme', 'programme'), ('region', 'region'), ('country', 'country'), ('project', 'project'), ('enterprise', 'enterprise')], max_length=12)),
                        ('title', models.CharField(max_length=200)),
                        ('ref', models.CharField(blank=True, db_index=True, default='', max_length=24)),
                        ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='base.scopenode')),
                    ],
                    options={
                        'ordering': ('path',),
                    },
                ),
                migrations.CreateModel(
                    name='SearchRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('about', jump.base.refs.PointerField(db_index=True, max_length=24, unique=True)),
                        ('kind', models.CharField(db_index=True, max_length=3)),
                        ('title', models.CharField(max_length=200)),
                        ('detail', models.CharField(blank=True, default='', max_length=200)),
                        ('data_class', models.CharField(max_length=2)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                ),
                migrations.CreateModel(
                    name='SearchToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token', models.CharField(db_index=True, max_length=40)),
                        ('row', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='base.searchrow')),
                    ],
                ),
                migrations.CreateModel(
                    name='RowGrant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('why', models.CharField(max_length=200)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='row_grants', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'ref'), name='base_row_grant_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RoleAssignment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(max_length=40)),
                        ('starts_on', models.DateField()),
                        ('ends_on', models.DateField(null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_assignments', to=settings.AUTH_USER_MODEL)),
                        ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'role', 'node', 'starts_on'), name='base_role_once'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='base_role_period')],
                    },
                ),
            ],
        ),
    ]
