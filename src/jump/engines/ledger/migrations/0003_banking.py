import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import jump.base.refs
import jump.base.tables
from jump.engines.ledger.models.guards import drop_guards, install_guards


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_guards'),
    ]

    operations = [
        migrations.RunPython(drop_guards, install_guards),
        jump.base.tables.CreateTables(
            models=[
                migrations.CreateModel(
                    name='BankAccount',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='bank', serialize=False, to='ledger.account')),
                        ('number', models.CharField(blank=True, default='', max_length=40)),
                        ('reading', models.JSONField(default=dict)),
                        ('changed_at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                    ],
                ),
                migrations.CreateModel(
                    name='BankStatement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='bst', max_length=24)),
                        ('form', models.CharField(max_length=8)),
                        ('number', models.CharField(max_length=80)),
                        ('sha256', models.CharField(max_length=64)),
                        ('file', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('file_name', models.CharField(max_length=200)),
                        ('opens_on', models.DateField()),
                        ('closes_on', models.DateField()),
                        ('opening_minor', models.BigIntegerField()),
                        ('closing_minor', models.BigIntegerField()),
                        ('lines_new', models.IntegerField()),
                        ('lines_known', models.IntegerField()),
                        ('taken_at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='ledger.bankaccount')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('account', 'number', 'closes_on'), name='ledger_bankstatement_once'), models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='ledger_bankstatement_days'), models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='ledger_bankstatement_number')],
                    },
                ),
                migrations.CreateModel(
                    name='BankLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='bln', max_length=24)),
                        ('position', models.IntegerField()),
                        ('booked_on', models.DateField()),
                        ('value_on', models.DateField(null=True)),
                        ('amount_minor', models.BigIntegerField()),
                        ('reference', models.CharField(blank=True, default='', max_length=120)),
                        ('text', models.CharField(blank=True, default='', max_length=500)),
                        ('digest', models.CharField(max_length=64)),
                        ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bank_lines', to='ledger.bankaccount')),
                        ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_lines', to='ledger.bankstatement')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['account', 'booked_on'], name='ledger_bankline_by_day')],
                        'constraints': [models.UniqueConstraint(fields=('account', 'digest'), name='ledger_bankline_once'), models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='ledger_bankline_not_zero')],
                    },
                ),
                migrations.CreateModel(
                    name='Reconciliation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='brc', max_length=24)),
                        ('as_of', models.DateField()),
                        ('state', models.CharField(default='prepared', max_length=8)),
                        ('book_minor', models.BigIntegerField()),
                        ('transit_minor', models.BigIntegerField()),
                        ('bank_minor', models.BigIntegerField()),
                        ('digest', models.CharField(max_length=64)),
                        ('why', models.CharField(blank=True, default='', max_length=600)),
                        ('prepared_at', models.DateTimeField()),
                        ('prepared_by', models.CharField(max_length=120)),
                        ('signed_at', models.DateTimeField(null=True)),
                        ('signed_by', models.CharField(blank=True, default='', max_length=120)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='ledger.bankaccount')),
                        ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='ledger.reconciliation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'prepared')), fields=('account',), name='ledger_reconciliation_one_open'), models.CheckConstraint(condition=models.Q(('bank_minor', django.db.models.expressions.CombinedExpression(models.F('book_minor'), '+', models.F('transit_minor')))), name='ledger_reconciliation_agrees'), models.CheckConstraint(condition=models.Q(models.Q(('signed_at__isnull', False), ('state', 'done'), models.Q(('signed_by', models.F('prepared_by')), _negated=True), models.Q(('signed_by', ''), _negated=True)), models.Q(('signed_at__isnull', True), ('state__in', ['prepared', 'dropped'])), _connector='OR'), name='ledger_reconciliation_two_people'), models.CheckConstraint(condition=models.Q(('replaces__isnull', True), models.Q(('why', ''), _negated=True), _connector='OR'), name='ledger_reconciliation_why')],
                    },
                ),
                migrations.CreateModel(
                    name='BankMatch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='bmt', max_length=24)),
                        ('state', models.CharField(default='live', max_length=8)),
                        ('at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('undone_by', models.CharField(blank=True, default='', max_length=120)),
                        ('why', models.CharField(blank=True, default='', max_length=600)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='ledger.bankaccount')),
                        ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='ledger.reconciliation')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'live'), ('undone_at__isnull', True)), models.Q(('state', 'undone'), ('undone_at__isnull', False)), _connector='OR'), name='ledger_bankmatch_state')],
                    },
                ),
                migrations.CreateModel(
                    name='ReconciliationItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('amount_minor', models.BigIntegerField()),
                        ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.line')),
                        ('reconciliation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='ledger.reconciliation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('reconciliation', 'line'), name='ledger_reconciliationitem_once')],
                    },
                ),
                migrations.CreateModel(
                    name='BankEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='bpe', max_length=24)),
                        ('memo', models.CharField(max_length=200)),
                        ('occurred_on', models.DateField()),
                        ('value_on', models.DateField(null=True)),
                        ('state', models.CharField(default='prepared', max_length=8)),
                        ('prepared_at', models.DateTimeField()),
                        ('prepared_by', models.CharField(max_length=120)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('decided_by', models.CharField(blank=True, default='', max_length=120)),
                        ('entry', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='from_bank', to='ledger.entry')),
                        ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                        ('bank_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prepared', to='ledger.bankline')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'prepared')), fields=('bank_line',), name='ledger_bankentry_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('entry__isnull', True), ('state', 'prepared')), models.Q(('decided_at__isnull', False), ('entry__isnull', True), ('state', 'dropped')), models.Q(('decided_at__isnull', False), ('entry__isnull', False), ('state', 'done'), models.Q(('decided_by', models.F('prepared_by')), _negated=True)), _connector='OR'), name='ledger_bankentry_two_people')],
                    },
                ),
                migrations.CreateModel(
                    name='BankMatchPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_live', models.BooleanField(default=True)),
                        ('bank_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='ledger.bankline')),
                        ('line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.line')),
                        ('match', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='ledger.bankmatch')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('bank_line',), name='ledger_matched_bank_once'), models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('line',), name='ledger_matched_line_once'), models.CheckConstraint(condition=models.Q(models.Q(('bank_line__isnull', True), ('line__isnull', False)), models.Q(('bank_line__isnull', False), ('line__isnull', True)), _connector='OR'), name='ledger_bankmatchpart_one_side')],
                    },
                ),
            ],
        ),
        migrations.RunPython(install_guards, drop_guards),
    ]
