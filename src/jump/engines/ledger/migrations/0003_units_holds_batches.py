"""Units, holds, batches, seals, rates and imports. The guards come back in the migration after this one."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import jump.base.refs
from jump.engines.ledger.models.guards import drop_guards


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_guards'),
    ]

    operations = [
        migrations.RunPython(drop_guards, migrations.RunPython.noop),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('ref', models.CharField(max_length=24, primary_key=True, serialize=False)),
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
            ],
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
            ],
        ),
        migrations.CreateModel(
            name='HoldMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('amount_minor', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=120)),
            ],
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
            ],
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
            ],
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('code', models.CharField(max_length=12, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120)),
                ('decimals', models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='balance',
            name='ledger_balance_floor',
        ),
        migrations.RemoveConstraint(
            model_name='entry',
            name='ledger_entry_own_closing',
        ),
        migrations.AddField(
            model_name='balance',
            name='reserved_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='entry',
            name='value_on',
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name='entry',
            name='book',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.book'),
        ),
        migrations.AlterField(
            model_name='entry',
            name='closing',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.closing'),
        ),
        migrations.AlterField(
            model_name='line',
            name='account',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.account'),
        ),
        migrations.AlterField(
            model_name='line',
            name='entry',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.entry'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['closing'], name='ledger_entry_by_batch'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['source'], name='ledger_entry_by_source'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('value_on__isnull', False)), fields=['book', 'value_on'], name='ledger_entry_by_value'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(('floor_minor__isnull', True), ('floor_minor__lte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('balance_minor'), '*', models.F('sign')), '-', models.F('reserved_minor'))), _connector='OR'), name='ledger_balance_floor'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(('reserved_minor', 0), models.Q(('floor_minor__isnull', False), ('reserved_minor__gt', 0)), _connector='OR'), name='ledger_balance_reserved'),
        ),
        migrations.AddField(
            model_name='batch',
            name='closing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ledger.closing'),
        ),
        migrations.AddField(
            model_name='exchange',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exchange', to='ledger.entry'),
        ),
        migrations.AddField(
            model_name='hold',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='ledger.account'),
        ),
        migrations.AddField(
            model_name='holdmove',
            name='entry',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hold_moves', to='ledger.entry'),
        ),
        migrations.AddField(
            model_name='holdmove',
            name='hold',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='ledger.hold'),
        ),
        migrations.AddField(
            model_name='imported',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='ledger.book'),
        ),
        migrations.AddField(
            model_name='seal',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='ledger.book'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('decimals__gte', 0), ('decimals__lte', 9)), name='ledger_unit_decimals'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='ledger_unit_code'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('closing', models.F('ref'))), name='ledger_batch_own_closing'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='ledger_exchange_rate'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('open_minor__gt', 0)), fields=['account', 'lapses_at'], name='ledger_hold_is_open'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('account', 'key'), name='ledger_hold_key_once'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='ledger_hold_amount'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('open_minor__gte', 0)), name='ledger_hold_open'),
        ),
        migrations.AddConstraint(
            model_name='holdmove',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='ledger_holdmove_amount'),
        ),
        migrations.AddConstraint(
            model_name='holdmove',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['posted', 'void', 'lapsed'])), name='ledger_holdmove_kind'),
        ),
        migrations.AddConstraint(
            model_name='holdmove',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', False), ('kind', 'posted')), models.Q(models.Q(('kind', 'posted'), _negated=True), ('entry__isnull', True)), _connector='OR'), name='ledger_holdmove_entry'),
        ),
        migrations.AddConstraint(
            model_name='imported',
            constraint=models.UniqueConstraint(fields=('book', 'sha256'), name='ledger_imported_once'),
        ),
        migrations.AddConstraint(
            model_name='seal',
            constraint=models.UniqueConstraint(fields=('book', 'month'), name='ledger_seal_once'),
        ),
    ]
