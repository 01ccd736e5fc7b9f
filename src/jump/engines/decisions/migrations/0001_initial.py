import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jump.base.refs
import jump.base.tables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('base', '0001_initial'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='Committee',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='com', max_length=24)),
                        ('kind', models.CharField(db_index=True, max_length=60)),
                        ('title', models.CharField(max_length=200)),
                        ('definition', models.CharField(blank=True, default='', max_length=120)),
                        ('about_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('mandate', models.TextField(blank=True, default='')),
                        ('products', models.JSONField(default=list)),
                        ('required_classes', models.JSONField(default=list)),
                        ('quorum_percent', models.PositiveSmallIntegerField()),
                        ('secretary_role', models.CharField(max_length=40)),
                        ('constituted_on', models.DateField()),
                        ('ended_on', models.DateField(null=True)),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sub_groups', to='decisions.committee')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('quorum_percent__gte', 1), ('quorum_percent__lte', 100)), name='decisions_committee_quorum')],
                    },
                ),
                migrations.CreateModel(
                    name='Round',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='rnd', max_length=24)),
                        ('definition', models.CharField(db_index=True, max_length=120)),
                        ('definition_version', models.CharField(max_length=20)),
                        ('title', models.CharField(max_length=200)),
                        ('method', models.CharField(choices=[('weighted', 'weighted'), ('screening', 'screening'), ('ballot', 'ballot')], max_length=12)),
                        ('rules', models.JSONField()),
                        ('state', models.CharField(choices=[('open', 'open'), ('scored', 'scored'), ('decided', 'decided'), ('published', 'published')], default='open', max_length=10)),
                        ('opens_on', models.DateField()),
                        ('closes_on', models.DateField()),
                        ('opened_by', models.CharField(max_length=120)),
                        ('recorded_at', models.DateTimeField()),
                        ('scored_on', models.DateField(null=True)),
                        ('decided_on', models.DateField(null=True)),
                        ('decided_by', models.CharField(blank=True, default='', max_length=120)),
                        ('published_on', models.DateField(null=True)),
                        ('minutes', models.TextField(blank=True, default='')),
                        ('present', models.JSONField(default=list)),
                        ('computed', models.JSONField(default=list)),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'ordering': ('-opens_on', '-pk'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='decisions_round_period'), models.CheckConstraint(condition=models.Q(models.Q(('decided_on__isnull', True), ('state__in', ['open', 'scored'])), models.Q(('decided_on__isnull', False), ('state__in', ['decided', 'published'])), _connector='OR'), name='decisions_decided_has_a_date'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_on__isnull', False), _connector='OR'), name='decisions_published_has_a_date')],
                    },
                ),
                migrations.CreateModel(
                    name='Candidate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='can', max_length=24)),
                        ('definition', models.CharField(db_index=True, max_length=120)),
                        ('candidate_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('subject_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('answer_to', models.CharField(blank=True, default='', max_length=120)),
                        ('facts', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('state', models.CharField(choices=[('waiting', 'waiting'), ('in_round', 'in_round'), ('decided', 'decided'), ('withdrawn', 'withdrawn')], max_length=10)),
                        ('entered_on', models.DateField()),
                        ('why_withdrawn', models.TextField(blank=True, default='')),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('key_digest', models.CharField(max_length=64)),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('round', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='decisions.round')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'in_round'])), fields=('definition', 'candidate_ref'), name='decisions_one_live_candidate'), models.CheckConstraint(condition=models.Q(models.Q(('round__isnull', True), ('state', 'waiting')), models.Q(('round__isnull', False), ('state__in', ['in_round', 'decided'])), ('state', 'withdrawn'), _connector='OR'), name='decisions_candidate_has_its_round')],
                    },
                ),
                migrations.CreateModel(
                    name='Resolution',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='res', max_length=24)),
                        ('number', models.PositiveIntegerField()),
                        ('text', models.TextField()),
                        ('session_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('votes_for', models.PositiveIntegerField()),
                        ('votes_against', models.PositiveIntegerField()),
                        ('abstentions', models.PositiveIntegerField(default=0)),
                        ('seats', models.PositiveIntegerField()),
                        ('passed', models.BooleanField()),
                        ('linked_programme', models.CharField(blank=True, default='', max_length=200)),
                        ('on', models.DateField()),
                        ('recorded_by', models.CharField(max_length=120)),
                        ('recorded_at', models.DateTimeField()),
                        ('key', models.CharField(max_length=200, null=True, unique=True)),
                        ('key_digest', models.CharField(blank=True, default='', max_length=64)),
                        ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='decisions.committee')),
                    ],
                    options={
                        'ordering': ('number',),
                        'constraints': [models.UniqueConstraint(fields=('committee', 'number'), name='decisions_resolution_number'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='decisions_resolution_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Panelist',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panel', to='decisions.round')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(fields=('round', 'user'), name='decisions_on_panel_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Seat',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('party_ref', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('body_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('seat_class', models.CharField(max_length=60)),
                        ('office', models.CharField(default='member', max_length=20)),
                        ('starts_on', models.DateField()),
                        ('ends_on', models.DateField(null=True)),
                        ('why_ended', models.TextField(blank=True, default='')),
                        ('decided_by', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='decisions.committee')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True)), fields=('committee', 'party_ref'), name='decisions_one_seat_each'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='decisions_seat_period')],
                    },
                ),
                migrations.CreateModel(
                    name='ComputedScore',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('criterion', models.CharField(max_length=60)),
                        ('value', models.DecimalField(decimal_places=6, max_digits=20)),
                        ('sources', models.JSONField(default=list)),
                        ('given_by', models.CharField(max_length=120)),
                        ('given_at', models.DateTimeField()),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='computed_scores', to='decisions.candidate')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('candidate', 'criterion'), name='decisions_computed_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Interest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('has_interest', models.BooleanField()),
                        ('what', models.TextField(blank=True, default='')),
                        ('declared_at', models.DateTimeField()),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interests', to='decisions.candidate')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('candidate', 'user'), name='decisions_interest_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Outcome',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='out', max_length=24)),
                        ('outcome', models.CharField(max_length=60)),
                        ('title', models.CharField(max_length=200)),
                        ('is_good', models.BooleanField()),
                        ('is_reserve', models.BooleanField(default=False)),
                        ('reason', models.TextField(blank=True, default='')),
                        ('conditions', models.JSONField(default=list)),
                        ('rank', models.PositiveIntegerField(null=True)),
                        ('score', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                        ('departs', models.BooleanField(default=False)),
                        ('decided_on', models.DateField()),
                        ('published_on', models.DateField(null=True)),
                        ('invited_again_on', models.DateField(null=True)),
                        ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='decisions.candidate')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('departs', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='decisions_departure_has_a_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='Score',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('criterion', models.CharField(max_length=60)),
                        ('value', models.SmallIntegerField()),
                        ('comment', models.TextField(blank=True, default='')),
                        ('proof_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('given_at', models.DateTimeField()),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='decisions.candidate')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(fields=('candidate', 'user', 'criterion'), name='decisions_scored_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Ballot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='bal', max_length=24)),
                        ('electorate', models.PositiveIntegerField()),
                        ('quorum_percent', models.PositiveSmallIntegerField()),
                        ('method', models.CharField(max_length=20)),
                        ('rules_set_on', models.DateField()),
                        ('held_on', models.DateField(null=True)),
                        ('counts', models.JSONField(default=dict)),
                        ('session_ref', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='ballot', to='decisions.candidate')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('quorum_percent__lte', 100)), name='decisions_ballot_quorum'), models.CheckConstraint(condition=models.Q(('electorate__gt', 0)), name='decisions_ballot_electorate'), models.CheckConstraint(condition=models.Q(('held_on__isnull', True), ('held_on__gte', models.F('rules_set_on')), _connector='OR'), name='decisions_ballot_rules_first')],
                    },
                ),
                migrations.CreateModel(
                    name='Appeal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='app', max_length=24)),
                        ('grounds', models.TextField()),
                        ('lodged_on', models.DateField()),
                        ('lodged_by', models.CharField(max_length=120)),
                        ('state', models.CharField(choices=[('open', 'open'), ('upheld', 'upheld'), ('dismissed', 'dismissed')], default='open', max_length=10)),
                        ('answer', models.TextField(blank=True, default='')),
                        ('answered_on', models.DateField(null=True)),
                        ('answered_by', models.CharField(blank=True, default='', max_length=120)),
                        ('outcome', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='decisions.outcome')),
                    ],
                    options={
                        'ordering': ('pk',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('outcome',), name='decisions_one_open_appeal')],
                    },
                ),
            ],
        ),
    ]
