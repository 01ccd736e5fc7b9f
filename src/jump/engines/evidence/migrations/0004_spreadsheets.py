import django.db.models.deletion
from django.db import migrations, models

import jump.base.refs
import jump.base.tables


class Migration(migrations.Migration):

    dependencies = [
        ('base', '0002_audit_guard'),
        ('evidence', '0003_reviews_and_corrections'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='SheetBatch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='sht', max_length=24)),
                        ('file_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('marked_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('name', models.CharField(max_length=200)),
                        ('on', models.DateField()),
                        ('language', models.CharField(max_length=12)),
                        ('state', models.CharField(choices=[('checking', 'checking'), ('checked', 'checked'), ('importing', 'importing'), ('imported', 'imported'), ('undoing', 'undoing'), ('undone', 'undone'), ('refused', 'refused')], max_length=12)),
                        ('by_key', models.CharField(db_index=True, max_length=120)),
                        ('by_title', models.CharField(blank=True, default='', max_length=150)),
                        ('made_at', models.DateTimeField()),
                        ('changed_at', models.DateTimeField()),
                        ('rows_read', models.PositiveIntegerField(default=0)),
                        ('rows_good', models.PositiveIntegerField(default=0)),
                        ('rows_bad', models.PositiveIntegerField(default=0)),
                        ('rows_known', models.PositiveIntegerField(default=0)),
                        ('rows_made', models.PositiveIntegerField(default=0)),
                        ('rows_undone', models.PositiveIntegerField(default=0)),
                        ('problems', models.JSONField(default=list)),
                        ('problems_count', models.PositiveIntegerField(default=0)),
                        ('refused_code', models.CharField(blank=True, default='', max_length=80)),
                        ('refused_words', models.TextField(blank=True, default='')),
                        ('why_undone', models.TextField(blank=True, default='')),
                        ('form_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.formversion')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['form_version', '-made_at'], name='evidence_sheet_of_form')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['checking', 'checked', 'importing', 'imported', 'undoing', 'undone', 'refused'])), name='evidence_sheet_state')],
                    },
                ),
                migrations.CreateModel(
                    name='SheetRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('digest', models.CharField(max_length=64)),
                        ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='evidence.sheetbatch')),
                        ('submission', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sheet_row', to='evidence.submission')),
                    ],
                ),
            ],
        ),
    ]
