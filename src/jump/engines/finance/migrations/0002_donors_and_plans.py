import django.db.models.deletion
from django.db import migrations, models

import jump.base.refs
import jump.base.tables


class Migration(migrations.Migration):

    dependencies = [
        ('base', '0001_initial'),
        ('finance', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='spend',
            name='finance_spend_positive',
        ),
        migrations.AddConstraint(
            model_name='spend',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), models.Q(('amount_minor__lt', 0), ('contract__isnull', False), ('paid_minor__lt', 0)), _connector='OR'), name='finance_spend_or_refund'),
        ),
        migrations.AddField(
            model_name='fundingsource',
            name='kind',
            field=models.CharField(blank=True, default='', max_length=80),
        ),
        migrations.AddField(
            model_name='fundingsource',
            name='allocation',
            field=models.CharField(default='proportional', max_length=16),
        ),
        migrations.AddConstraint(
            model_name='fundingsource',
            constraint=models.CheckConstraint(condition=models.Q(('allocation__in', ['proportional', 'first_in'])), name='finance_source_allocation'),
        ),
        migrations.AddField(
            model_name='matchingpledge',
            name='earmark',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='spendproof',
            name='use',
            field=models.CharField(blank=True, default='', max_length=80),
        ),
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='AssetEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='aev', max_length=24)),
                        ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='finance.asset')),
                        ('kind', models.CharField(max_length=12)),
                        ('on', models.DateField()),
                        ('holder', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('condition', models.CharField(blank=True, default='', max_length=12)),
                        ('spend', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keeps', to='finance.spend')),
                        ('note', models.CharField(blank=True, default='', max_length=300)),
                        ('proof', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'custody'), ('spend__isnull', True), models.Q(('holder', ''), _negated=True)), models.Q(('kind', 'check'), ('spend__isnull', True), models.Q(('condition', ''), _negated=True)), models.Q(('kind__in', ['operation', 'maintenance']), ('spend__isnull', False)), _connector='OR'), name='finance_asset_event_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='SupportBaseChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('budget', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='support_choices', to='finance.budget')),
                        ('base', models.CharField(max_length=8)),
                        ('why', models.TextField()),
                        ('decision', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('on', models.DateField()),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('base__in', ['total', 'direct'])), name='finance_support_base')],
                    },
                ),
                migrations.CreateModel(
                    name='CellEstimate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('cell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='estimates', to='finance.budgetcell')),
                        ('on', models.DateField()),
                        ('amount_minor', models.BigIntegerField()),
                        ('used_minor', models.BigIntegerField()),
                        ('why', models.TextField()),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='finance_estimate_not_negative')],
                    },
                ),
                migrations.CreateModel(
                    name='ProvisionUse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='pvu', max_length=24)),
                        ('from_cell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.budgetcell')),
                        ('to_cell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.budgetcell')),
                        ('amount_minor', models.BigIntegerField()),
                        ('why', models.TextField()),
                        ('decision', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('asked_by', models.CharField(max_length=120)),
                        ('asked_on', models.DateField()),
                        ('decided_by', models.CharField(blank=True, default='', max_length=120)),
                        ('decided_on', models.DateField(null=True)),
                        ('state', models.CharField(default='asked', max_length=8)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='finance_provision_positive'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'released', 'dropped'])), name='finance_provision_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'released'), _negated=True), models.Q(models.Q(('asked_by', models.F('decided_by')), _negated=True), models.Q(('decided_by', ''), _negated=True), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='finance_provision_four_eyes')],
                    },
                ),
                migrations.CreateModel(
                    name='BridgePost',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('ref', jump.base.refs.RefField(kind='brg', max_length=24)),
                        ('cell', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bridges', to='finance.budgetcell')),
                        ('post', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('title', models.CharField(max_length=200)),
                        ('line', models.CharField(max_length=80)),
                        ('stage', models.CharField(max_length=80)),
                        ('monthly_minor', models.BigIntegerField()),
                        ('starts_on', models.DateField()),
                        ('ends_on', models.DateField()),
                        ('why', models.TextField()),
                        ('replaced_by', models.CharField(blank=True, default='', max_length=80)),
                        ('replaced_on', models.DateField(null=True)),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('monthly_minor__gt', 0)), name='finance_bridge_positive'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='finance_bridge_days'), models.CheckConstraint(condition=models.Q(models.Q(('replaced_by', ''), ('replaced_on__isnull', True)), models.Q(models.Q(('replaced_by', ''), _negated=True), ('replaced_on__isnull', False)), _connector='OR'), name='finance_bridge_replaced')],
                    },
                ),
                migrations.CreateModel(
                    name='BridgePayment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('bridge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='finance.bridgepost')),
                        ('month', models.DateField()),
                        ('spend', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.spend')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('bridge', 'month'), name='finance_bridge_month_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FundingPledge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('ref', jump.base.refs.RefField(kind='ple', max_length=24)),
                        ('budget', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pledges', to='finance.budget')),
                        ('party', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('source', models.CharField(max_length=80)),
                        ('kind', models.CharField(max_length=12)),
                        ('what', models.CharField(blank=True, default='', max_length=80)),
                        ('unit', models.CharField(blank=True, default='', max_length=12)),
                        ('quantity_minor', models.BigIntegerField(default=0)),
                        ('amount_minor', models.BigIntegerField()),
                        ('given_minor', models.BigIntegerField()),
                        ('given_currency', models.CharField(max_length=3)),
                        ('earmark', models.JSONField(default=dict)),
                        ('on', models.DateField()),
                        ('until', models.DateField(null=True)),
                        ('proof', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('note', models.CharField(blank=True, default='', max_length=300)),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('given_minor__gt', 0)), name='finance_funding_positive'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'money'), ('quantity_minor', 0), ('unit', '')), models.Q(('kind__in', ['facilities', 'expertise', 'labour', 'land', 'goods']), ('quantity_minor__gt', 0)), _connector='OR'), name='finance_funding_kind'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('on')), _connector='OR'), name='finance_funding_days')],
                    },
                ),
                migrations.CreateModel(
                    name='BudgetContribution',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                        ('ref', jump.base.refs.RefField(kind='bct', max_length=24)),
                        ('budget', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contributions', to='finance.budget')),
                        ('pledge', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='finance.fundingpledge')),
                        ('party', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('source', models.CharField(max_length=80)),
                        ('kind', models.CharField(max_length=12)),
                        ('what', models.CharField(blank=True, default='', max_length=80)),
                        ('unit', models.CharField(blank=True, default='', max_length=12)),
                        ('quantity_minor', models.BigIntegerField(default=0)),
                        ('amount_minor', models.BigIntegerField()),
                        ('given_minor', models.BigIntegerField()),
                        ('given_currency', models.CharField(max_length=3)),
                        ('rate_minor', models.BigIntegerField(default=0)),
                        ('stage', models.CharField(blank=True, default='', max_length=80)),
                        ('line', models.CharField(blank=True, default='', max_length=80)),
                        ('on', models.DateField()),
                        ('proof', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('entry', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['budget', 'source', 'on'], name='finance_contributed_source')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('given_minor__gt', 0)), name='finance_contributed_positive'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'money'), ('quantity_minor', 0)), models.Q(('kind__in', ['facilities', 'expertise', 'labour', 'land', 'goods']), ('quantity_minor__gt', 0)), _connector='OR'), name='finance_contributed_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='InKindRate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('budget', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='in_kind_rates', to='finance.budget')),
                        ('place', models.CharField(max_length=200)),
                        ('what', models.CharField(max_length=80)),
                        ('unit', models.CharField(max_length=12)),
                        ('currency', models.CharField(max_length=3)),
                        ('rate_minor', models.BigIntegerField()),
                        ('valid_from', models.DateField()),
                        ('source', models.CharField(max_length=200)),
                        ('by', models.CharField(max_length=120)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('budget', 'place', 'what', 'unit', 'valid_from'), name='finance_in_kind_rate_once'), models.CheckConstraint(condition=models.Q(('rate_minor__gt', 0)), name='finance_in_kind_rate_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='Refund',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='rfd', max_length=24)),
                        ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='finance.contract')),
                        ('amount_minor', models.BigIntegerField()),
                        ('spend', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='finance.spend')),
                        ('on', models.DateField()),
                        ('receipt', models.CharField(max_length=40)),
                        ('why', models.CharField(max_length=300)),
                        ('entry', jump.base.refs.PointerField(db_index=True, max_length=24)),
                        ('by', models.CharField(max_length=120)),
                        ('key', models.CharField(max_length=200, unique=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='finance_refund_positive'), models.UniqueConstraint(fields=('contract', 'receipt'), name='finance_refund_receipt_once')],
                    },
                ),
            ],
        ),
    ]
