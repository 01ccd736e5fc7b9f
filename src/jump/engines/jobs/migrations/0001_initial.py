import django.db.models.deletion
from django.db import migrations, models

import jump.base.refs
import jump.base.tables
import jump.engines.jobs.types


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('base', '0001_initial'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='Post',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='pst', max_length=24)),
                        ('employer_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('title', models.CharField(max_length=120)),
                        ('isco', models.CharField(blank=True, default='', max_length=8)),
                        ('share_percent', models.PositiveSmallIntegerField(default=100)),
                        ('salary_minor_monthly', models.BigIntegerField(null=True)),
                        ('currency', models.CharField(blank=True, default='', max_length=3)),
                        ('budget_line', models.CharField(blank=True, default='', max_length=60)),
                        ('funded_by', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('share_percent__gte', 1), ('share_percent__lte', 100)), name='jobs_post_share'), models.CheckConstraint(condition=models.Q(('salary_minor_monthly__isnull', True), models.Q(('currency__gt', ''), ('salary_minor_monthly__gte', 0)), _connector='OR'), name='jobs_post_salary')],
                    },
                ),
                migrations.CreateModel(
                    name='JobSpell',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='job', max_length=24)),
                        ('employer_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('person_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('kind', models.CharField(choices=[('created', 'created'), ('preserved', 'preserved'), ('secured', 'secured'), ('placed', 'placed'), ('staff', 'staff')], max_length=10)),
                        ('started_on', models.DateField(db_index=True)),
                        ('ended_on', models.DateField(null=True)),
                        ('end_reason', models.CharField(blank=True, default='', max_length=200)),
                        ('claimed_on', models.DateField()),
                        ('claimed_by', models.CharField(max_length=120)),
                        ('author', models.CharField(blank=True, default='', max_length=120)),
                        ('evidence_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('threat_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('cause_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('proof', models.CharField(choices=[('claimed', 'claimed'), ('verified', 'verified'), ('not_confirmed', 'not_confirmed')], default=jump.engines.jobs.types.State['CLAIMED'], max_length=14)),
                        ('verified_on', models.DateField(null=True)),
                        ('is_decent', models.BooleanField(null=True)),
                        ('missing', models.JSONField(default=list)),
                        ('test_version', models.CharField(blank=True, default='', max_length=80)),
                        ('duplicate_of', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('duplicate_rule', models.CharField(blank=True, default='', max_length=20)),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spells', to='jobs.post')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['scope', 'proof', 'claimed_on'], name='jobs_spell_waiting'), models.Index(fields=['employer_ref', 'person_ref'], name='jobs_spell_pair')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['created', 'preserved', 'secured', 'placed', 'staff'])), name='jobs_spell_kind'), models.CheckConstraint(condition=models.Q(('proof__in', ['claimed', 'verified', 'not_confirmed'])), name='jobs_spell_proof'), models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='jobs_spell_period'), models.CheckConstraint(condition=models.Q(models.Q(('kind', jump.engines.jobs.types.Kind['PRESERVED']), _negated=True), ('threat_ref__gt', ''), _connector='OR'), name='jobs_preserved_needs_threat'), models.CheckConstraint(condition=models.Q(models.Q(('proof', jump.engines.jobs.types.State['VERIFIED']), _negated=True), ('verified_on__isnull', False), _connector='OR'), name='jobs_verified_has_day'), models.CheckConstraint(condition=models.Q(('duplicate_of', models.F('ref')), _negated=True), name='jobs_not_its_own_duplicate')],
                    },
                ),
                migrations.CreateModel(
                    name='TermsRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(choices=[('claim', 'claim'), ('verification', 'verification'), ('follow_up', 'follow_up')], max_length=12)),
                        ('on', models.DateField()),
                        ('pay_minor_monthly', models.BigIntegerField(null=True)),
                        ('currency', models.CharField(blank=True, default='', max_length=3)),
                        ('hours_weekly', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                        ('has_written_terms', models.BooleanField(null=True)),
                        ('has_social_protection', models.BooleanField(null=True)),
                        ('is_safe', models.BooleanField(null=True)),
                        ('has_rights', models.BooleanField(null=True)),
                        ('is_freely_chosen', models.BooleanField(null=True)),
                        ('is_free_of_hazard', models.BooleanField(null=True)),
                        ('is_paid_on_time', models.BooleanField(null=True)),
                        ('is_equal', models.BooleanField(null=True)),
                        ('months_expected', models.PositiveSmallIntegerField(null=True)),
                        ('spell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms_rows', to='jobs.jobspell')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pay_minor_monthly__isnull', True), models.Q(('currency__gt', ''), ('pay_minor_monthly__gte', 0)), _connector='OR'), name='jobs_terms_pay'), models.CheckConstraint(condition=models.Q(('hours_weekly__isnull', True), models.Q(('hours_weekly__gte', 0), ('hours_weekly__lte', 168)), _connector='OR'), name='jobs_terms_hours')],
                    },
                ),
                migrations.CreateModel(
                    name='DecentWorkResult',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('definition', models.CharField(max_length=80)),
                        ('version', models.CharField(max_length=80)),
                        ('on', models.DateField()),
                        ('is_decent', models.BooleanField()),
                        ('missing', models.JSONField(default=list)),
                        ('recorded_at', models.DateTimeField()),
                        ('spell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decent_work_results', to='jobs.jobspell')),
                        ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.termsrow')),
                    ],
                ),
                migrations.CreateModel(
                    name='Verification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='ver', max_length=24)),
                        ('confirmed', models.BooleanField()),
                        ('method', models.CharField(choices=[('visit', 'visit'), ('phone', 'phone'), ('employer', 'employer')], max_length=8)),
                        ('on', models.DateField()),
                        ('by', models.CharField(max_length=120)),
                        ('evidence_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('note', models.TextField(blank=True, default='')),
                        ('recorded_at', models.DateTimeField()),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('spell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='jobs.jobspell')),
                        ('terms', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.termsrow')),
                    ],
                ),
                migrations.CreateModel(
                    name='FollowUp',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='fup', max_length=24)),
                        ('on', models.DateField()),
                        ('still_at_work', models.BooleanField()),
                        ('by', models.CharField(max_length=120)),
                        ('evidence_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('recorded_at', models.DateTimeField()),
                        ('spell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='jobs.jobspell')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('spell', 'on'), name='jobs_one_follow_up_a_day')],
                    },
                ),
            ],
        ),
    ]
