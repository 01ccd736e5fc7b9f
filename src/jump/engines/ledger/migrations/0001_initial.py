import django.db.models.deletion
import django.db.models.expressions
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
                    name='Closing',
                    fields=[
                        ('entry_ref', models.CharField(max_length=24, primary_key=True, serialize=False)),
                    ],
                ),
                migrations.CreateModel(
                    name='Book',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='bok', max_length=24)),
                        ('owner', jump.base.refs.PointerField(db_index=True, max_length=24, unique=True)),
                        ('title', models.CharField(max_length=200)),
                        ('opened_at', models.DateTimeField()),
                        ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='base.scopenode')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Unit',
                    fields=[
                        ('code', models.CharField(max_length=12, primary_key=True, serialize=False)),
                        ('title', models.CharField(max_length=120)),
                        ('decimals', models.SmallIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('decimals__gte', 0), ('decimals__lte', 9)), name='ledger_unit_decimals'), models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='ledger_unit_code')],
                    },
                ),
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='acc', max_length=24)),
                        ('code', models.CharField(max_length=80)),
                        ('title', models.CharField(max_length=200)),
                        ('kind', models.CharField(max_length=10)),
                        ('unit', models.CharField(max_length=12)),
                        ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='ledger.book')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['asset', 'liability', 'equity', 'income', 'expense'])), name='ledger_account_kind'), models.CheckConstraint(condition=models.Q(('unit', ''), _negated=True), name='ledger_account_unit'), models.UniqueConstraint(fields=('book', 'code'), name='ledger_account_code_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Batch',
                    fields=[
                        ('ref', models.CharField(max_length=24, primary_key=True, serialize=False)),
                        ('closing', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.closing')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('closing', models.F('ref'))), name='ledger_batch_own_closing')],
                    },
                ),
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='ety', max_length=24)),
                        ('occurred_on', models.DateField()),
                        ('month', models.IntegerField()),
                        ('recorded_at', models.DateTimeField()),
                        ('memo', models.CharField(max_length=300)),
                        ('source', models.CharField(blank=True, default='', max_length=24)),
                        ('key', models.CharField(max_length=200)),
                        ('by', models.CharField(max_length=120)),
                        ('content_sha256', models.CharField(max_length=64)),
                        ('value_on', models.DateField(null=True)),
                        ('book', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.book')),
                        ('closing', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.closing')),
                        ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='ledger.entry')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['book', 'occurred_on'], name='ledger_entry_by_day'), models.Index(fields=['closing'], name='ledger_entry_by_batch'), models.Index(fields=['source'], name='ledger_entry_by_source'), models.Index(condition=models.Q(('value_on__isnull', False)), fields=['book', 'value_on'], name='ledger_entry_by_value')],
                        'constraints': [models.UniqueConstraint(fields=('book', 'key'), name='ledger_entry_key_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Imported',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='imp', max_length=24)),
                        ('sha256', models.CharField(max_length=64)),
                        ('file_name', models.CharField(max_length=200)),
                        ('entries', models.BigIntegerField()),
                        ('lines', models.BigIntegerField()),
                        ('at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                        ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='ledger.book')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('book', 'sha256'), name='ledger_imported_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Period',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('month', models.IntegerField()),
                        ('state', models.CharField(default='open', max_length=8)),
                        ('changed_at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                        ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='ledger.book')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('book', 'month'), name='ledger_period_once'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'closing', 'sealed'])), name='ledger_period_state')],
                    },
                ),
                migrations.CreateModel(
                    name='Seal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('month', models.IntegerField()),
                        ('entries', models.BigIntegerField()),
                        ('position', models.BigIntegerField()),
                        ('digest', models.CharField(max_length=64)),
                        ('trial_sha256', models.CharField(max_length=64)),
                        ('previous', models.CharField(max_length=64)),
                        ('root', models.CharField(max_length=64)),
                        ('sealed_at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                        ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='ledger.book')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('book', 'month'), name='ledger_seal_once')],
                    },
                ),
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
                    name='Exchange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('given', models.CharField(max_length=12)),
                        ('wanted', models.CharField(max_length=12)),
                        ('rate', models.DecimalField(decimal_places=12, max_digits=28)),
                        ('rate_on', models.DateField()),
                        ('origin', models.CharField(blank=True, default='', max_length=120)),
                        ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exchange', to='ledger.entry')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='ledger_exchange_rate')],
                    },
                ),
                migrations.CreateModel(
                    name='Hold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', jump.base.refs.RefField(kind='hld', max_length=24)),
                        ('amount_minor', models.BigIntegerField()),
                        ('open_minor', models.BigIntegerField()),
                        ('purpose', models.CharField(max_length=300)),
                        ('source', jump.base.refs.PointerField(blank=True, db_index=True, default='', max_length=24)),
                        ('key', models.CharField(max_length=200)),
                        ('placed_at', models.DateTimeField()),
                        ('lapses_at', models.DateTimeField(null=True)),
                        ('by', models.CharField(max_length=120)),
                        ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='ledger.account')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('open_minor__gt', 0)), fields=['account', 'lapses_at'], name='ledger_hold_is_open')],
                        'constraints': [models.UniqueConstraint(fields=('account', 'key'), name='ledger_hold_key_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='ledger_hold_amount'), models.CheckConstraint(condition=models.Q(('open_minor__gte', 0)), name='ledger_hold_open')],
                    },
                ),
                migrations.CreateModel(
                    name='Line',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.SmallIntegerField()),
                        ('occurred_on', models.DateField()),
                        ('amount_minor', models.BigIntegerField()),
                        ('label_line', models.CharField(blank=True, default='', max_length=80)),
                        ('label_place', models.CharField(blank=True, default='', max_length=200)),
                        ('label_stage', models.CharField(blank=True, default='', max_length=80)),
                        ('label_activity', models.CharField(blank=True, default='', max_length=80)),
                        ('label_source', models.CharField(blank=True, default='', max_length=80)),
                        ('label_type', models.CharField(blank=True, default='', max_length=80)),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.account')),
                        ('entry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.entry')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['account', 'occurred_on'], name='ledger_line_by_account')],
                        'constraints': [models.UniqueConstraint(fields=('entry', 'position'), name='ledger_line_position_once'), models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='ledger_line_not_zero')],
                    },
                ),
                migrations.CreateModel(
                    name='Link',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.BigIntegerField()),
                        ('digest', models.CharField(max_length=64)),
                        ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='ledger.book')),
                        ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='link', to='ledger.entry')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('book', 'position'), name='ledger_link_position_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Movement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('month', models.IntegerField()),
                        ('debit_minor', models.BigIntegerField(default=0)),
                        ('credit_minor', models.BigIntegerField(default=0)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='ledger.account')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('account', 'month'), name='ledger_movement_once'), models.CheckConstraint(condition=models.Q(('credit_minor__gte', 0), ('debit_minor__gte', 0)), name='ledger_movement_sides')],
                    },
                ),
                migrations.CreateModel(
                    name='Balance',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='holding', serialize=False, to='ledger.account')),
                        ('balance_minor', models.BigIntegerField(default=0)),
                        ('sign', models.SmallIntegerField()),
                        ('floor_minor', models.BigIntegerField(null=True)),
                        ('reserved_minor', models.BigIntegerField(db_default=0, default=0)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('floor_minor__isnull', True), ('floor_minor__lte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('balance_minor'), '*', models.F('sign')), '-', models.F('reserved_minor'))), _connector='OR'), name='ledger_balance_floor'), models.CheckConstraint(condition=models.Q(('reserved_minor', 0), models.Q(('floor_minor__isnull', False), ('reserved_minor__gt', 0)), _connector='OR'), name='ledger_balance_reserved'), models.CheckConstraint(condition=models.Q(('sign__in', [1, -1])), name='ledger_balance_sign')],
                    },
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
                        'constraints': [models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='ledger_bankstatement_days'), models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='ledger_bankstatement_number'), models.UniqueConstraint(fields=('account', 'number', 'closes_on'), name='ledger_bankstatement_once')],
                    },
                ),
                migrations.CreateModel(
                    name='HoldMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=8)),
                        ('amount_minor', models.BigIntegerField()),
                        ('at', models.DateTimeField()),
                        ('by', models.CharField(max_length=120)),
                        ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hold_moves', to='ledger.entry')),
                        ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='ledger.hold')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='ledger_holdmove_amount'), models.CheckConstraint(condition=models.Q(('kind__in', ['posted', 'void', 'lapsed'])), name='ledger_holdmove_kind'), models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', False), ('kind', 'posted')), models.Q(models.Q(('kind', 'posted'), _negated=True), ('entry__isnull', True)), _connector='OR'), name='ledger_holdmove_entry')],
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
                        ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='ledger.reconciliation')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='ledger.bankaccount')),
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
                        ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='ledger.reconciliation')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='ledger.bankaccount')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'live'), ('undone_at__isnull', True)), models.Q(('state', 'undone'), ('undone_at__isnull', False)), _connector='OR'), name='ledger_bankmatch_state')],
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
                        ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_lines', to='ledger.bankstatement')),
                        ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bank_lines', to='ledger.bankaccount')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['account', 'booked_on'], name='ledger_bankline_by_day')],
                        'constraints': [models.UniqueConstraint(fields=('account', 'digest'), name='ledger_bankline_once'), models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='ledger_bankline_not_zero')],
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
                        ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                        ('bank_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prepared', to='ledger.bankline')),
                        ('entry', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='from_bank', to='ledger.entry')),
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
                        ('match', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='ledger.bankmatch')),
                        ('line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.line')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('bank_line',), name='ledger_matched_bank_once'), models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('line',), name='ledger_matched_line_once'), models.CheckConstraint(condition=models.Q(models.Q(('bank_line__isnull', True), ('line__isnull', False)), models.Q(('bank_line__isnull', False), ('line__isnull', True)), _connector='OR'), name='ledger_bankmatchpart_one_side')],
                    },
                ),
            ],
        ),
    ]
