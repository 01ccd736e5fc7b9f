import django.db.models.deletion
from django.db import migrations, models

import jump.base.refs
import jump.base.tables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('base', '0002_audit_guard'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='Form',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('form_id', models.CharField(max_length=120, unique=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Dossier',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='dos', max_length=24)),
                        ('definition', models.CharField(max_length=120)),
                        ('definition_version', models.CharField(max_length=20)),
                        ('about_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('opened_on', models.DateField()),
                        ('opened_by', models.CharField(max_length=120)),
                        ('signed_on', models.DateField(null=True)),
                        ('signed_by', models.CharField(blank=True, default='', max_length=120)),
                        ('signed_title', models.CharField(blank=True, default='', max_length=150)),
                        ('data_class', models.CharField(default='P1', max_length=2)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('definition', 'about_ref'), name='evidence_dossier_once'), models.CheckConstraint(condition=models.Q(models.Q(('signed_by', ''), ('signed_on__isnull', True)), models.Q(('signed_on__isnull', False), models.Q(('signed_by', ''), _negated=True)), _connector='OR'), name='evidence_signed_by_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='PublishedList',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('scope', models.CharField(blank=True, default='', max_length=200)),
                        ('rows', models.JSONField()),
                        ('published_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('name', 'scope'), name='evidence_list_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Sample',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='smp', max_length=24)),
                        ('title', models.CharField(max_length=200)),
                        ('units', models.JSONField()),
                        ('drawn', models.JSONField()),
                        ('seed', models.BigIntegerField()),
                        ('on', models.DateField()),
                        ('drawn_by', models.CharField(max_length=120)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Check',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='chk', max_length=24)),
                        ('target_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('verdict', models.CharField(choices=[('confirmed', 'confirmed'), ('not_confirmed', 'not_confirmed')], max_length=16)),
                        ('submission_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('on', models.DateField()),
                        ('at', models.DateTimeField()),
                        ('by_key', models.CharField(max_length=120)),
                        ('by_title', models.CharField(blank=True, default='', max_length=150)),
                        ('author_key', models.CharField(max_length=120)),
                        ('note', models.TextField(blank=True, default='')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('by_key', models.F('author_key')), _negated=True), name='evidence_check_by_another'), models.CheckConstraint(condition=models.Q(('verdict__in', ['confirmed', 'not_confirmed'])), name='evidence_check_verdict')],
                    },
                ),
                migrations.CreateModel(
                    name='DossierVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='dsv', max_length=24)),
                        ('number', models.PositiveIntegerField()),
                        ('frozen_on', models.DateField()),
                        ('frozen_at', models.DateTimeField()),
                        ('frozen_by', models.CharField(max_length=120)),
                        ('content', models.JSONField()),
                        ('digest', models.CharField(max_length=64)),
                        ('numerator', models.PositiveIntegerField()),
                        ('denominator', models.PositiveIntegerField()),
                        ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='evidence.dossier')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('dossier', 'number'), name='evidence_dossier_version_number'), models.CheckConstraint(condition=models.Q(('numerator__lte', models.F('denominator'))), name='evidence_part_of_the_whole')],
                    },
                ),
                migrations.CreateModel(
                    name='FormVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='frm', max_length=24)),
                        ('version', models.CharField(max_length=20)),
                        ('title', models.JSONField()),
                        ('xform', models.TextField()),
                        ('schema', models.JSONField()),
                        ('settings', models.JSONField()),
                        ('digest', models.CharField(max_length=64)),
                        ('installed_at', models.DateTimeField()),
                        ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='evidence.form')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('form', 'version'), name='evidence_form_version_once')],
                    },
                ),
                migrations.CreateModel(
                    name='DossierSignature',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('signer', models.CharField(max_length=40)),
                        ('by_key', models.CharField(max_length=120)),
                        ('by_title', models.CharField(max_length=150)),
                        ('on', models.DateField()),
                        ('at', models.DateTimeField()),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='evidence.dossierversion')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('version', 'signer'), name='evidence_signed_once_by_a_party'), models.UniqueConstraint(fields=('version', 'by_key'), name='evidence_signed_for_one_party')],
                    },
                ),
                migrations.CreateModel(
                    name='Submission',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='sub', max_length=24)),
                        ('about_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('on', models.DateField()),
                        ('received_at', models.DateTimeField()),
                        ('accepted_at', models.DateTimeField(null=True)),
                        ('by_key', models.CharField(db_index=True, max_length=120)),
                        ('by_title', models.CharField(blank=True, default='', max_length=150)),
                        ('source', models.CharField(max_length=20)),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('received', 'received'), ('accepted', 'accepted'), ('rejected', 'rejected'), ('sent_back', 'sent_back')], db_index=True, max_length=12)),
                        ('data_class', models.CharField(max_length=2)),
                        ('answers', models.JSONField(default=dict)),
                        ('sealed', models.TextField(blank=True, default='')),
                        ('flags', models.JSONField(default=list)),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('key_digest', models.CharField(max_length=64)),
                        ('reviews_needed', models.PositiveSmallIntegerField(default=0)),
                        ('is_drawn', models.BooleanField(null=True)),
                        ('forgotten_at', models.DateTimeField(null=True)),
                        ('form_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='evidence.formversion')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['about_ref', 'state', 'form_version', '-on'], name='evidence_submission_about'), models.Index(fields=['state', 'scope', 'received_at'], name='evidence_submission_waiting')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'received', 'accepted', 'rejected', 'sent_back'])), name='evidence_submission_state'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('state', 'accepted')), models.Q(models.Q(('state', 'accepted'), _negated=True), ('accepted_at__isnull', True)), _connector='OR'), name='evidence_accepted_has_its_instant')],
                    },
                ),
                migrations.CreateModel(
                    name='Entity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='ent', max_length=24)),
                        ('register', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=300)),
                        ('label', models.CharField(max_length=300)),
                        ('values', models.JSONField(default=dict)),
                        ('about_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('on', models.DateField()),
                        ('data_class', models.CharField(default='P1', max_length=2)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.submission')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('register', 'scope', 'about_ref', 'key'), name='evidence_entity_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Review',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('by_key', models.CharField(max_length=120)),
                        ('by_title', models.CharField(blank=True, default='', max_length=150)),
                        ('author_key', models.CharField(max_length=120)),
                        ('verdict', models.CharField(max_length=12)),
                        ('why', models.TextField(blank=True, default='')),
                        ('comments', models.JSONField(default=dict)),
                        ('at', models.DateTimeField()),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='evidence.submission')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('by_key', models.F('author_key')), _negated=True), name='evidence_review_by_another')],
                    },
                ),
                migrations.CreateModel(
                    name='NamedPerson',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='evidence.submission')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('submission', 'person_ref'), name='evidence_named_once')],
                    },
                ),
                migrations.CreateModel(
                    name='EarlierAnswers',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('answers', models.JSONField()),
                        ('sealed', models.TextField(blank=True, default='')),
                        ('by_key', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('key_digest', models.CharField(max_length=64)),
                        ('at', models.DateTimeField()),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='earlier', to='evidence.submission')),
                    ],
                ),
                migrations.CreateModel(
                    name='DeclaredFact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(db_index=True, max_length=80)),
                        ('value', models.DecimalField(decimal_places=12, max_digits=34)),
                        ('on', models.DateField()),
                        ('until', models.DateField(null=True)),
                        ('party_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('codes', models.JSONField(default=dict)),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='evidence.submission')),
                    ],
                ),
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='att', max_length=24)),
                        ('path', models.CharField(max_length=200)),
                        ('name', models.CharField(max_length=200)),
                        ('mime', models.CharField(max_length=100)),
                        ('size', models.BigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('file_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='evidence.submission')),
                    ],
                ),
                migrations.CreateModel(
                    name='EntityVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('values', models.JSONField()),
                        ('on', models.DateField()),
                        ('entity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='evidence.entity')),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.submission')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('entity', 'submission'), name='evidence_entity_version_once')],
                    },
                ),
            ],
        ),
    ]
