import django.db.models.deletion
import guiju.kernel.crypto
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
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
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='customers.customer')),
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
                ('merged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_records', to='customers.customer')),
                ('case_id', models.BigIntegerField(db_index=True, null=True)),
                ('channel', models.CharField(max_length=20)),
                ('outward', models.BooleanField()),
                ('reached', models.BooleanField(default=True)),
                ('summary', models.CharField(max_length=400)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('due_date', models.DateField()),
                ('subject', models.CharField(max_length=100)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reached', models.BooleanField(null=True)),
                ('outcome', models.CharField(default='', max_length=400)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['company', 'due_date', 'id'], name='care_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None), ('reached', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False), ('reached__isnull', False)), _connector='OR'), name='care_done_pair')],
            },
        ),
    ]
