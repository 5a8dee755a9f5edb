import django.db.models.deletion
import guiju.kernel.crypto
import guiju.kernel.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('estate', '0001_initial'),
        ('kernel', '0001_initial'),
        ('org', '0001_initial'),
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Book',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='books', to='org.company')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='books', to='estate.project')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='books', to='estate.unit')),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'id'], name='book_project'), models.Index(fields=['unit', 'id'], name='book_unit')],
            },
        ),
        migrations.CreateModel(
            name='BookDeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='ledger.book')),
                ('deal', models.BigIntegerField(unique=True)),
                ('added_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Till',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='till', to='estate.project')),
                ('closed_until_date', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Receivable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receivables', to='ledger.book')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('deposit', '定金'), ('down_payment', '首付款'), ('instalment', '楼款'), ('loan', '按揭款'), ('fund_loan', '公积金款'), ('area', '面积差款'), ('works', '工程变更费'), ('fee', '手续费'), ('service', '有偿服务费'), ('penalty', '违约金'), ('deed_tax', '代收契税'), ('maintenance_fund', '代收维修资金'), ('registration_fee', '代收登记费')], max_length=20)),
                ('name', models.CharField(max_length=60)),
                ('pass_through', models.BooleanField()),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receivables', to='kernel.case')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('book', 'position'), name='receivable_position'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('deed_tax', 'maintenance_fund', 'registration_fee')), ('pass_through', True)), models.Q(('pass_through', False), models.Q(('kind__in', ('deed_tax', 'maintenance_fund', 'registration_fee')), _negated=True)), _connector='OR'), name='receivable_pass_through')],
            },
        ),
        migrations.CreateModel(
            name='ReceivableEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receivable', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.receivable')),
                ('act', models.CharField(choices=[('set', '设立'), ('changed', '调整'), ('corrected', '更正'), ('event', '付款条件成就'), ('written_off', '核销')], max_length=20)),
                ('amount', guiju.kernel.money.FenField()),
                ('due_date', models.DateField(null=True)),
                ('due_event', models.CharField(default='', max_length=60)),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='ledger.receivableentry')),
                ('reason', models.CharField(default='', max_length=200)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.case')),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('entered_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['receivable', 'id'], name='entry_receivable')],
                'constraints': [models.CheckConstraint(condition=models.Q(('due_date__isnull', False), models.Q(('due_event', ''), _negated=True), _connector='OR'), name='entry_has_due'), models.CheckConstraint(condition=models.Q(('act__in', ['set', 'event']), models.Q(('reason', ''), _negated=True), _connector='OR'), name='entry_says_why')],
            },
        ),
        migrations.CreateModel(
            name='PenaltyTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='penalty_terms', to='ledger.book')),
                ('millionths', models.PositiveIntegerField()),
                ('limit_days', models.PositiveSmallIntegerField(null=True)),
                ('basis', models.CharField(max_length=100)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('millionths__gte', 1), ('millionths__lte', 10000)), name='penalty_rate')],
            },
        ),
        migrations.CreateModel(
            name='PenaltyWaiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receivable', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waivers', to='ledger.receivable')),
                ('amount', guiju.kernel.money.FenField()),
                ('until_date', models.DateField()),
                ('reason', models.CharField(max_length=200)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.case')),
                ('waived_at', models.DateTimeField()),
                ('waived_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='waiver_sign')],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='org.company')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='estate.project')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='estate.unit')),
                ('case', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='kernel.case')),
                ('book', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='ledger.book')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('purpose', models.CharField(choices=[('deposit', '定金'), ('price', '房款'), ('pass_through', '代收款'), ('fee', '费用'), ('suspense', '暂收款')], max_length=20)),
                ('amount', guiju.kernel.money.FenField()),
                ('method', models.CharField(choices=[('transfer', '银行转账'), ('pos', 'POS 刷卡'), ('cash', '现金'), ('cheque', '支票'), ('loan', '银行放款')], max_length=20)),
                ('account', models.CharField(max_length=100)),
                ('voucher', models.CharField(default='', max_length=80)),
                ('payer', models.CharField(max_length=100)),
                ('third_party', models.BooleanField(default=False)),
                ('relation', models.CharField(default='', max_length=100)),
                ('received_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('book_date', models.DateField()),
                ('booked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='ledger.receipt')),
                ('moved_from', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moved_to', to='ledger.receipt')),
                ('reason', models.CharField(default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'id'], name='receipt_case'), models.Index(fields=['book', 'id'], name='receipt_book'), models.Index(fields=['project', 'book_date', 'id'], name='receipt_day'), models.Index(fields=['project', 'purpose', 'id'], name='receipt_purpose')],
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('voucher', ''), _negated=True), ('moved_from', None), ('reverses', None)), fields=('company', 'account', 'voucher'), name='voucher_once'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('reverses', None)), models.Q(('amount__lt', 0), ('reverses__isnull', False)), _connector='OR'), name='receipt_sign'), models.CheckConstraint(condition=models.Q(('unit__isnull', False), ('purpose', 'suspense'), _connector='OR'), name='receipt_placed')],
            },
        ),
        migrations.CreateModel(
            name='ReceiptCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='check_row', to='ledger.receipt')),
                ('booked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('checked_by', models.F('booked_by')), _negated=True), name='checked_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Allocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='ledger.receipt')),
                ('receivable', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='ledger.receivable')),
                ('amount', guiju.kernel.money.FenField()),
                ('chosen', models.BooleanField(default=False)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='ledger.allocation')),
                ('reason', models.CharField(default='', max_length=200)),
                ('allocated_at', models.DateTimeField()),
                ('allocated_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['receipt', 'id'], name='allocation_receipt'), models.Index(fields=['receivable', 'id'], name='allocation_receivable')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('reverses', None)), models.Q(('amount__lt', 0), ('reverses__isnull', False)), _connector='OR'), name='allocation_sign')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='ledger.receipt')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('amount', guiju.kernel.money.FenField()),
                ('payee_kind', models.CharField(choices=[('payer', '原付款人'), ('bank', '贷款银行'), ('buyer', '买受人（原账户不可用）'), ('heir', '继承人'), ('court', '法院')], max_length=20)),
                ('payee', models.CharField(max_length=100)),
                ('payee_account', guiju.kernel.crypto.EncryptedTextField()),
                ('ground', models.CharField(default='', max_length=200)),
                ('voucher', models.CharField(max_length=80)),
                ('method', models.CharField(choices=[('transfer', '银行转账'), ('pos', 'POS 刷卡'), ('cash', '现金'), ('cheque', '支票'), ('loan', '银行放款')], max_length=20)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='kernel.case')),
                ('paid_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('book_date', models.DateField()),
                ('booked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='ledger.refund')),
            ],
            options={
                'indexes': [models.Index(fields=['receipt', 'id'], name='refund_receipt')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('reverses', None)), models.Q(('amount__lt', 0), ('reverses__isnull', False)), _connector='OR'), name='refund_sign'), models.CheckConstraint(condition=models.Q(('payee_kind', 'payer'), models.Q(('ground', ''), _negated=True), _connector='OR'), name='refund_ground')],
            },
        ),
        migrations.CreateModel(
            name='BankStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_statements', to='estate.project')),
                ('account', models.CharField(max_length=100)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('layout', models.JSONField(default=dict)),
                ('lines_read', models.PositiveIntegerField()),
                ('imported_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('imported_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='BankLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.bankstatement')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bank_lines', to='estate.project')),
                ('account', models.CharField(max_length=100)),
                ('key', models.CharField(max_length=64)),
                ('on_date', models.DateField()),
                ('amount', guiju.kernel.money.FenField()),
                ('payer', models.CharField(default='', max_length=100)),
                ('payer_account', guiju.kernel.crypto.EncryptedTextField()),
                ('voucher', models.CharField(default='', max_length=80)),
                ('memo', models.CharField(default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'on_date', 'id'], name='bank_line_day')],
                'constraints': [models.UniqueConstraint(fields=('project', 'account', 'key'), name='bank_line_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='bank_line_sign')],
            },
        ),
        migrations.CreateModel(
            name='BankMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='ledger.bankline')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bank_match', to='ledger.receipt')),
                ('matched_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('matched_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DayClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='estate.project')),
                ('on_date', models.DateField()),
                ('booked', models.JSONField()),
                ('counted_cash', guiju.kernel.money.FenField()),
                ('counted_pos', guiju.kernel.money.FenField()),
                ('counted_transfer', guiju.kernel.money.FenField()),
                ('counted_cheque', guiju.kernel.money.FenField()),
                ('receipts', models.PositiveIntegerField()),
                ('difference', guiju.kernel.money.FenField()),
                ('explanation', models.CharField(default='', max_length=400)),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'on_date'), name='closed_once'), models.CheckConstraint(condition=models.Q(('difference', 0), models.Q(('explanation', ''), _negated=True), _connector='OR'), name='difference_explained')],
            },
        ),
        migrations.CreateModel(
            name='DayCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closing', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='check_row', to='ledger.dayclosing')),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_at', models.DateTimeField()),
                ('note', models.CharField(default='', max_length=200)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('checked_by', models.F('closed_by')), _negated=True), name='day_checked_by_another')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoice_requests', to='ledger.book')),
                ('kind', models.CharField(choices=[('advance', '预收款发票（不征税）'), ('tax', '销售发票'), ('service', '服务发票')], max_length=20)),
                ('title', models.CharField(max_length=100)),
                ('amount', guiju.kernel.money.FenField()),
                ('note', models.CharField(default='', max_length=200)),
                ('requested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='invoice_asked')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='ledger.invoicerequest')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('amount', guiju.kernel.money.FenField()),
                ('issued_date', models.DateField()),
                ('red_of', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='red_letter', to='ledger.invoice')),
                ('reason', models.CharField(default='', max_length=200)),
                ('entered_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('red_of', None)), models.Q(('amount__lt', 0), ('red_of__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='invoice_sign')],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('book', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='ledger.book')),
                ('kind', models.CharField(choices=[('interest', '利息'), ('double', '双倍返还的定金'), ('penalty', '我方违约金'), ('reward', '推荐奖励'), ('guarantee', '代偿按揭款')], max_length=20)),
                ('number', models.CharField(max_length=40, unique=True)),
                ('amount', guiju.kernel.money.FenField()),
                ('payee', models.CharField(max_length=100)),
                ('payee_account', guiju.kernel.crypto.EncryptedTextField()),
                ('voucher', models.CharField(max_length=80)),
                ('method', models.CharField(choices=[('transfer', '银行转账'), ('pos', 'POS 刷卡'), ('cash', '现金'), ('cheque', '支票'), ('loan', '银行放款')], max_length=20)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='kernel.case')),
                ('paid_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('book_date', models.DateField()),
                ('booked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='ledger.payout')),
            ],
            options={
                'indexes': [models.Index(fields=['book', 'id'], name='payout_book')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('reverses', None)), models.Q(('amount__lt', 0), ('reverses__isnull', False)), _connector='OR'), name='payout_sign')],
            },
        ),
        migrations.CreateModel(
            name='PaidCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('refund', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='check_row', to='ledger.refund')),
                ('payout', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='check_row', to='ledger.payout')),
                ('booked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('checked_by', models.F('booked_by')), _negated=True), name='paid_checked_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('payout__isnull', False), ('refund', None)), models.Q(('payout', None), ('refund__isnull', False)), _connector='OR'), name='paid_check_of_one_row')],
            },
        ),
        migrations.CreateModel(
            name='CollectionTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='collection_targets', to='estate.project')),
                ('month_date', models.DateField()),
                ('amount', guiju.kernel.money.FenField()),
                ('set_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'month_date', 'id'], name='target_month')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='target_sign')],
            },
        ),
    ]
