"""Running costs of a fund."""

import django.db.models.deletion
from django.db import migrations, models

import jump.base.refs


class Migration(migrations.Migration):

    dependencies = [
        ('finance', '0006_cover'),
    ]

    operations = [
        migrations.CreateModel(
            name='FundCost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', jump.base.refs.RefField(kind='fco', max_length=24)),
                ('what', models.CharField(max_length=200)),
                ('amount_minor', models.BigIntegerField()),
                ('on', models.DateField()),
                ('proof', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                ('state', models.CharField(default='prepared', max_length=8)),
                ('prepared_by', models.CharField(max_length=120)),
                ('paid_by', models.CharField(blank=True, default='', max_length=120)),
                ('why_dropped', models.CharField(blank=True, default='', max_length=200)),
                ('entry', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='costs', to='finance.fund')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='finance_fund_cost_positive'), models.CheckConstraint(condition=models.Q(('state__in', ['prepared', 'paid', 'dropped'])), name='finance_fund_cost_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'paid'), _negated=True), models.Q(models.Q(('prepared_by', models.F('paid_by')), _negated=True), models.Q(('paid_by', ''), _negated=True), models.Q(('entry', ''), _negated=True)), _connector='OR'), name='finance_fund_cost_four_eyes')],
            },
        ),
    ]
