import django.core.serializers.json
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
                    name='Case',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='cas', max_length=24)),
                        ('procedure', models.CharField(db_index=True, max_length=120)),
                        ('procedure_version', models.CharField(max_length=20)),
                        ('row_class', models.CharField(default='P1', max_length=2)),
                        ('subject_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('title', models.CharField(max_length=200)),
                        ('state', models.CharField(choices=[('open', 'open'), ('closed', 'closed')], default='open', max_length=8)),
                        ('outcome', models.CharField(blank=True, default='', max_length=60)),
                        ('opened_on', models.DateField()),
                        ('closed_on', models.DateField(null=True)),
                        ('opened_by', models.CharField(max_length=120)),
                        ('recorded_at', models.DateTimeField()),
                        ('bound', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'opened_on'], name='cases_case_state_c0efe2_idx'), models.Index(fields=['subject_ref', 'state'], name='cases_about')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('procedure', 'subject_ref'), name='cases_one_open_case'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', True), ('state', 'open')), models.Q(('closed_on__isnull', False), ('state', 'closed')), _connector='OR'), name='cases_closed_has_a_date')],
                    },
                ),
                migrations.CreateModel(
                    name='Course',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='crs', max_length=24)),
                        ('curriculum', models.CharField(db_index=True, max_length=120)),
                        ('curriculum_version', models.CharField(max_length=20)),
                        ('title', models.CharField(max_length=200)),
                        ('level', models.CharField(max_length=16)),
                        ('starts_on', models.DateField()),
                        ('ends_on', models.DateField()),
                        ('trainers', models.JSONField(default=list)),
                        ('finished_on', models.DateField(null=True)),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='cases_course_period'), models.CheckConstraint(condition=models.Q(('level__in', ['grassroots', 'national', 'regional', 'interregional'])), name='cases_course_level')],
                    },
                ),
                migrations.CreateModel(
                    name='Task',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='tsk', max_length=24)),
                        ('title', models.CharField(max_length=250)),
                        ('about_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('owner_role', models.CharField(db_index=True, max_length=40)),
                        ('owner_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('due_on', models.DateField(null=True)),
                        ('period_starts_on', models.DateField(null=True)),
                        ('state', models.CharField(choices=[('open', 'open'), ('done', 'done'), ('dropped', 'dropped')], default='open', max_length=8)),
                        ('finished_on', models.DateField(null=True)),
                        ('note', models.TextField(blank=True, default='')),
                        ('proof_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('source', models.CharField(blank=True, default='', max_length=160)),
                        ('asks', models.CharField(blank=True, default='', max_length=120)),
                        ('added_by', models.CharField(max_length=120)),
                        ('recorded_at', models.DateTimeField()),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'due_on'], name='cases_task_state_3e8fac_idx'), models.Index(fields=['asks', 'state'], name='cases_task_asks_669c0c_idx')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_on__isnull', True), ('state', 'open')), models.Q(('state', 'open'), _negated=True), _connector='OR'), name='cases_open_task_not_finished')],
                    },
                ),
                migrations.CreateModel(
                    name='Enrolment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('group_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('enrolled_on', models.DateField()),
                        ('completed_on', models.DateField(null=True)),
                        ('left_on', models.DateField(null=True)),
                        ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='cases.course')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(fields=('course', 'person_ref'), name='cases_enrolled_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Step',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='stp', max_length=24)),
                        ('key', models.CharField(max_length=60)),
                        ('round', models.PositiveSmallIntegerField(default=1)),
                        ('kind', models.CharField(choices=[('form', 'form'), ('session', 'session'), ('decision', 'decision'), ('effect', 'effect'), ('document', 'document'), ('wait', 'wait')], max_length=10)),
                        ('state', models.CharField(choices=[('todo', 'todo'), ('here', 'here'), ('waiting', 'waiting'), ('done', 'done'), ('waived', 'waived'), ('skipped', 'skipped')], max_length=8)),
                        ('by_role', models.CharField(blank=True, default='', max_length=40)),
                        ('asks', models.CharField(blank=True, default='', max_length=120)),
                        ('entered_on', models.DateField()),
                        ('due_on', models.DateField(null=True)),
                        ('planned_end_on', models.DateField(null=True)),
                        ('done_on', models.DateField(null=True)),
                        ('outcome', models.CharField(blank=True, default='', max_length=60)),
                        ('detail', models.TextField(blank=True, default='')),
                        ('proof_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('proofs', models.JSONField(default=list)),
                        ('asking', models.PositiveSmallIntegerField(default=0)),
                        ('answered', models.CharField(blank=True, default='', max_length=60)),
                        ('answer_facts', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('refused_code', models.CharField(blank=True, default='', max_length=80)),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='cases.case')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'indexes': [models.Index(fields=['state', 'due_on'], name='cases_step_state_bb4b23_idx'), models.Index(fields=['kind', 'state', 'asks'], name='cases_step_kind_feacc2_idx')],
                        'constraints': [models.UniqueConstraint(fields=('case', 'key', 'round'), name='cases_step_once_a_round'), models.UniqueConstraint(condition=models.Q(('state__in', ('here', 'waiting'))), fields=('case', 'key'), name='cases_step_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('done_on__isnull', True), ('state__in', ('here', 'waiting'))), models.Q(models.Q(('state__in', ('here', 'waiting')), _negated=True), ('done_on__isnull', False)), _connector='OR'), name='cases_step_done_has_a_date')],
                    },
                ),
                migrations.CreateModel(
                    name='Session',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='ses', max_length=24)),
                        ('kind', models.CharField(db_index=True, max_length=40)),
                        ('curriculum', models.CharField(blank=True, default='', max_length=120)),
                        ('title', models.CharField(max_length=200)),
                        ('state', models.CharField(choices=[('planned', 'planned'), ('held', 'held'), ('cancelled', 'cancelled')], max_length=10)),
                        ('held_on', models.DateField(db_index=True)),
                        ('ended_on', models.DateField(null=True)),
                        ('hosts', models.JSONField(default=list)),
                        ('about', models.JSONField(default=list)),
                        ('agenda', models.JSONField(default=list)),
                        ('products', models.JSONField(default=list)),
                        ('issues', models.JSONField(default=list)),
                        ('totals', models.JSONField(default=dict)),
                        ('purpose', models.TextField(blank=True, default='')),
                        ('cost_minor', models.BigIntegerField(null=True)),
                        ('currency', models.CharField(blank=True, default='', max_length=3)),
                        ('minutes', models.TextField(blank=True, default='')),
                        ('details', models.JSONField(default=dict)),
                        ('why_cancelled', models.TextField(blank=True, default='')),
                        ('hours', models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                        ('recorded_by', models.CharField(max_length=120)),
                        ('recorded_at', models.DateTimeField()),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('course', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='cases.course')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('step', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='cases.step')),
                    ],
                    options={
                        'ordering': ('-held_on', '-pk'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('held_on')), _connector='OR'), name='cases_session_period'), models.CheckConstraint(condition=models.Q(('cost_minor__isnull', True), models.Q(('cost_minor__gte', 0), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='cases_session_cost_has_a_currency')],
                    },
                ),
                migrations.CreateModel(
                    name='GateWaiver',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('gate', models.CharField(max_length=60)),
                        ('why', models.TextField()),
                        ('by', models.CharField(max_length=120)),
                        ('by_name', models.CharField(max_length=150)),
                        ('on', models.DateField()),
                        ('at', models.DateTimeField()),
                        ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waivers', to='cases.step')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('step', 'gate'), name='cases_gate_waived_once'), models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='cases_waiver_has_a_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='StepDating',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('old_due_on', models.DateField(null=True)),
                        ('new_due_on', models.DateField()),
                        ('why', models.TextField()),
                        ('by', models.CharField(max_length=120)),
                        ('by_name', models.CharField(max_length=150)),
                        ('on', models.DateField()),
                        ('at', models.DateTimeField()),
                        ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='datings', to='cases.step')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='cases_dating_has_a_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='ExpectedReport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('from_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('submission_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('given_on', models.DateField(null=True)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='cases.session')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(fields=('session', 'from_ref'), name='cases_report_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Attendance',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('group_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('role', models.CharField(default='participant', max_length=40)),
                        ('sex', models.CharField(default='not_stated', max_length=10)),
                        ('age_group', models.CharField(default='not_stated', max_length=20)),
                        ('invited', models.BooleanField(default=False)),
                        ('attended', models.BooleanField(default=True)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='cases.session')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('person_ref', ''), _negated=True), fields=('session', 'person_ref'), name='cases_attends_once')],
                    },
                ),
            ],
        ),
    ]
