import django.db.models.deletion
from django.db import migrations, models

import jump.base.refs
import jump.base.tables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('base', '0001_initial'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='Edition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='edn', max_length=24)),
                        ('template', models.CharField(max_length=80)),
                        ('template_version', models.CharField(max_length=20)),
                        ('title', models.CharField(max_length=200)),
                        ('period', models.CharField(max_length=20)),
                        ('number', models.PositiveIntegerField()),
                        ('language', models.CharField(max_length=8)),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published')], max_length=10)),
                        ('blocks', models.JSONField()),
                        ('missing_inputs', models.JSONField(default=list)),
                        ('as_of', models.DateField()),
                        ('figure_set', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('check_code', models.CharField(max_length=16)),
                        ('made_at', models.DateTimeField()),
                        ('made_by', models.CharField(max_length=120)),
                        ('published_on', models.DateField(null=True)),
                        ('published_by', models.CharField(blank=True, default='', max_length=120)),
                        ('key', models.CharField(max_length=150, null=True, unique=True)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('template', 'period', 'scope', 'language', 'number'), name='reports_edition_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('published_on__isnull', True), ('state', 'draft')), models.Q(('published_on__isnull', False), ('state', 'published')), _connector='OR'), name='reports_published_has_a_day')],
                    },
                ),
                migrations.CreateModel(
                    name='Distribution',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='dis', max_length=24)),
                        ('to', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('to_class', models.CharField(blank=True, default='', max_length=80)),
                        ('how', models.CharField(max_length=40)),
                        ('on', models.DateField()),
                        ('read_on', models.DateField(null=True)),
                        ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='distributions', to='reports.edition')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('edition', 'to', 'to_class'), name='reports_sent_once'), models.CheckConstraint(condition=models.Q(models.Q(('to', ''), _negated=True), models.Q(('to_class', ''), _negated=True), _connector='OR'), name='reports_sent_to_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='Lesson',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='les', max_length=24)),
                        ('title', models.CharField(max_length=200)),
                        ('text', models.TextField()),
                        ('context', models.TextField(blank=True, default='')),
                        ('about', models.CharField(blank=True, default='', max_length=80)),
                        ('proof', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published')], max_length=10)),
                        ('on', models.DateField()),
                        ('by', models.CharField(max_length=120)),
                        ('used_in', models.TextField(blank=True, default='')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('proof', ''), _negated=True), _connector='OR'), name='reports_lesson_has_proof')],
                    },
                ),
            ],
        ),
    ]
