import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import jump.base.refs
import jump.base.tables

_PARTS = F('fee_minor') + F('penalty_minor') + F('interest_minor') + F('principal_minor') + F('recovered_minor')


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0003_ownership'),
    ]

    operations = [
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='LoanFact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='lnf', max_length=24)),
                        ('kind', models.CharField(max_length=12)),
                        ('state', models.CharField(default='prepared', max_length=10)),
                        ('on', models.DateField()),
                        ('amount_minor', models.BigIntegerField(default=0)),
                        ('part', models.CharField(blank=True, default='', max_length=10)),
                        ('change', models.JSONField(default=dict)),
                        ('target', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('why', models.CharField(max_length=600)),
                        ('prepared_by', models.CharField(max_length=120)),
                        ('prepared_on', models.DateField()),
                        ('agreed_by', models.CharField(blank=True, default='', max_length=120)),
                        ('agreed_on', models.DateField(null=True)),
                        ('entry', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('key', models.CharField(max_length=200, unique=True)),
                        ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loan_facts', to='finance.contract')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['contract', 'on', 'id'], name='finance_loan_fact_by_day')],
                        'constraints': [
                            models.CheckConstraint(condition=Q(('kind__in', ['waiver', 'refund', 'reschedule', 'charge_off', 'undone'])), name='finance_loan_fact_kind'),
                            models.CheckConstraint(condition=Q(('state__in', ['prepared', 'agreed', 'dropped'])), name='finance_loan_fact_state'),
                            models.CheckConstraint(condition=Q(('amount_minor__gt', 0), Q(('kind__in', ['waiver', 'refund']), _negated=True), _connector='OR'), name='finance_loan_fact_amount'),
                            models.CheckConstraint(condition=Q(Q(('kind', 'undone'), _negated=True), Q(('target', ''), _negated=True), _connector='OR'), name='finance_loan_fact_target'),
                            models.CheckConstraint(condition=Q(Q(('state', 'agreed'), _negated=True), ('kind', 'undone'), Q(Q(('prepared_by', F('agreed_by')), _negated=True), Q(('agreed_by', ''), _negated=True), ('agreed_on__isnull', False)), _connector='OR'), name='finance_loan_fact_four_eyes'),
                            models.UniqueConstraint(condition=Q(('kind', 'undone')), fields=('target',), name='finance_loan_fact_undone_once'),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name='LoanStanding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('as_of', models.DateField()),
                        ('principal_minor', models.BigIntegerField(default=0)),
                        ('principal_late_minor', models.BigIntegerField(default=0)),
                        ('due_minor', models.BigIntegerField(default=0)),
                        ('owed_minor', models.BigIntegerField(default=0)),
                        ('penalty_minor', models.BigIntegerField(default=0)),
                        ('accrued_minor', models.BigIntegerField(default=0)),
                        ('overpaid_minor', models.BigIntegerField(default=0)),
                        ('provision_minor', models.BigIntegerField(default=0)),
                        ('days_late', models.PositiveIntegerField(default=0)),
                        ('is_rescheduled', models.BooleanField(default=False)),
                        ('booked', models.JSONField(default=dict)),
                        ('contract', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='standing', to='finance.contract')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['as_of'], name='finance_standing_as_of')],
                    },
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='repayment',
            name='finance_repayment_sums',
        ),
        migrations.AddField(
            model_name='repayment',
            name='overpaid_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name='repayment',
            constraint=models.CheckConstraint(condition=Q(('amount_minor', _PARTS + F('overpaid_minor'))), name='finance_repayment_sums'),
        ),
    ]
