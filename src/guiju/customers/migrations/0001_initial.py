import django.db.models.deletion
import guiju.kernel.crypto
import guiju.kernel.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('estate', '0001_initial'),
        ('org', '0001_initial'),
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', '自然人'), ('organisation', '单位')], default='person', max_length=20)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='customers', to='org.company')),
                ('name', models.CharField(max_length=100)),
                ('identity_kind', models.CharField(default='', max_length=30)),
                ('identity_number', guiju.kernel.crypto.EncryptedTextField()),
                ('identity_index', models.CharField(db_index=True, default='', max_length=64)),
                ('phone', guiju.kernel.crypto.EncryptedTextField()),
                ('phone_index', models.CharField(db_index=True, default='', max_length=64)),
                ('address', guiju.kernel.crypto.EncryptedTextField()),
                ('email', models.CharField(default='', max_length=120)),
                ('sex', models.CharField(default='', max_length=4)),
                ('birth_date', models.DateField(null=True)),
                ('nationality', models.CharField(default='', max_length=40)),
                ('legal_representative', models.CharField(default='', max_length=60)),
                ('local_household', models.BooleanField(null=True)),
                ('deceased_date', models.DateField(null=True)),
                ('source', models.CharField(default='', max_length=200)),
                ('preferred_channel', models.CharField(choices=[('call', '电话'), ('sms', '短信'), ('wechat', '微信'), ('email', '邮件'), ('letter', '信函'), ('visit', '面谈')], default='', max_length=20)),
                ('important', models.CharField(default='', max_length=400)),
                ('important_at', models.DateTimeField(null=True)),
                ('important_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_at', models.DateTimeField()),
                ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='customers.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('identity_index', ''), _negated=True), ('merged_into', None)), fields=('company', 'identity_index'), name='customer_identity_once'), models.CheckConstraint(condition=models.Q(models.Q(('important_at', None), ('important_by', None)), models.Q(('important_at__isnull', False), ('important_by__isnull', False)), _connector='OR'), name='customer_important_pair')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='customers.customer')),
                ('kind', models.CharField(choices=[('phone', '电话'), ('email', '邮箱'), ('wechat', '微信')], max_length=20)),
                ('value', guiju.kernel.crypto.EncryptedTextField()),
                ('value_index', models.CharField(db_index=True, default='', max_length=64)),
                ('remark', models.CharField(default='', max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='AuthorityLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters_given', to='customers.customer')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters_held', to='customers.customer')),
                ('kind', models.CharField(choices=[('agent', '代理人'), ('guardian', '监护人'), ('representative', '单位经办人')], max_length=20)),
                ('matters', models.CharField(max_length=200)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(null=True)),
                ('notarised', models.BooleanField(default=False)),
                ('attachment', models.CharField(default='', max_length=64)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='customers.customer')),
                ('purpose', models.CharField(max_length=40)),
                ('given', models.BooleanField()),
                ('how', models.CharField(default='', max_length=100)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['customer', 'purpose', '-id'], name='consent_latest')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='customers.customer')),
                ('folded', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('moved', models.JSONField()),
                ('reason', models.CharField(max_length=400)),
                ('merged_at', models.DateTimeField()),
                ('merged_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='merge_undone_pair')],
            },
        ),
        migrations.CreateModel(
            name='ContactRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.company')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contact_records', to='customers.customer')),
                ('case_id', models.BigIntegerField(db_index=True, null=True)),
                ('channel', models.CharField(max_length=20)),
                ('outward', models.BooleanField()),
                ('reached', models.BooleanField(default=True)),
                ('summary', models.CharField(max_length=400)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-happened_at', '-id'], name='contact_record_customer'), models.Index(fields=['customer', 'outward', '-id'], name='contact_record_outward')],
            },
        ),
        migrations.CreateModel(
            name='CareContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='care_contacts', to='customers.customer')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.company')),
                ('kind', models.CharField(choices=[('routine', '日常联络'), ('birthday', '生日卡')], default='routine', max_length=20)),
                ('year', models.PositiveSmallIntegerField(null=True)),
                ('due_date', models.DateField()),
                ('subject', models.CharField(max_length=100)),
                ('channel', models.CharField(default='', max_length=20)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.team')),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reached', models.BooleanField(null=True)),
                ('outcome', models.CharField(default='', max_length=400)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['company', 'due_date', 'id'], name='care_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None), ('reached', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False), ('reached__isnull', False)), _connector='OR'), name='care_done_pair'), models.CheckConstraint(condition=models.Q(('person__isnull', False), ('team__isnull', False), _connector='OR'), name='care_of_somebody'), models.UniqueConstraint(condition=models.Q(('kind', 'birthday')), fields=('customer', 'year'), name='birthday_card_once')],
            },
        ),
        migrations.CreateModel(
            name='CustomerFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='customers.customer')),
                ('field', models.CharField(choices=[('family', '家庭人口'), ('occupation', '职业'), ('age_band', '年龄段'), ('living', '居住区域'), ('purpose', '购房用途'), ('heard', '认知渠道'), ('vehicles', '车辆'), ('pets', '宠物'), ('interest', '兴趣爱好'), ('special_need', '特殊需要'), ('emergency', '紧急联系人')], max_length=20)),
                ('value', guiju.kernel.crypto.EncryptedTextField(null=True)),
                ('source', models.CharField(choices=[('customer', '客户本人'), ('family', '家人或代理人'), ('paper', '证件资料'), ('visit', '接待和上门'), ('register', '台账'), ('survey', '调查')], max_length=20)),
                ('source_words', models.CharField(default='', max_length=100)),
                ('known_date', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['customer', 'field', '-id'], name='customer_fact_latest')],
            },
        ),
        migrations.CreateModel(
            name='MailingList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mailing_lists', to='org.company')),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mailing_lists', to='estate.project')),
                ('purpose', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=80)),
                ('segment', models.JSONField(default=dict)),
                ('left_out', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['company', '-id'], name='mailing_list_newest')],
                'constraints': [models.UniqueConstraint(fields=('company', 'project', 'purpose', 'name'), name='mailing_list_once')],
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailing_list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mailings', to='customers.mailinglist')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='customers.customer')),
                ('address', guiju.kernel.crypto.EncryptedTextField()),
                ('sent_date', models.DateField(null=True)),
                ('sent_how', models.CharField(default='', max_length=60)),
                ('recorded_at', models.DateTimeField(null=True)),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('returned_date', models.DateField(null=True)),
                ('returned_why', models.CharField(default='', max_length=100)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('mailing_list', 'customer'), name='mailing_once'), models.CheckConstraint(condition=models.Q(models.Q(('recorded_at', None), ('recorded_by', None)), models.Q(('recorded_at__isnull', False), ('recorded_by__isnull', False)), _connector='OR'), name='mailing_recorded_pair'), models.CheckConstraint(condition=models.Q(('returned_date', None), ('sent_date__isnull', False), _connector='OR'), name='mailing_returned_after_sent')],
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='org.company')),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='estate.project')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.team')),
                ('name', models.CharField(max_length=80)),
                ('plan', models.TextField()),
                ('place', models.CharField(max_length=100)),
                ('starts_at', models.DateTimeField()),
                ('seats', models.PositiveIntegerField(null=True)),
                ('budget', guiju.kernel.money.FenField()),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cost', guiju.kernel.money.FenField(null=True)),
                ('result', models.TextField(default='')),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['company', '-starts_at', '-id'], name='activity_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('budget__gte', 0)), name='activity_budget'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='activity_approved_pair'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('cost__isnull', False), models.Q(('result', ''), _negated=True)), _connector='OR'), name='activity_closed_with_result')],
            },
        ),
        migrations.CreateModel(
            name='ActivityGuest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='guests', to='customers.activity')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='customers.customer')),
                ('invited_at', models.DateTimeField()),
                ('invited_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answer', models.CharField(choices=[('open', '未答复'), ('coming', '参加'), ('declined', '不参加')], default='open', max_length=20)),
                ('attended', models.BooleanField(null=True)),
                ('remark', models.CharField(default='', max_length=100)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('activity', 'customer'), name='activity_guest_once')],
            },
        ),
    ]
