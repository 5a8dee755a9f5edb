import django.db.models.deletion
import guiju.kernel.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '0001_initial'),
        ('org', '0001_initial'),
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='org.company')),
                ('kind', models.CharField(choices=[('residential', '住宅小区'), ('office', '写字楼')], default='residential', max_length=20)),
                ('service_centre', models.CharField(default='', max_length=60)),
                ('city', models.CharField(default='', max_length=40)),
                ('address', models.CharField(default='', max_length=200)),
                ('signing_place', models.CharField(default='', max_length=200)),
                ('escrow_bank', models.CharField(default='', max_length=100)),
                ('escrow_account', models.CharField(default='', max_length=60)),
                ('seller_address', models.CharField(default='', max_length=200)),
                ('seller_qualification', models.CharField(default='', max_length=80)),
                ('seller_representative', models.CharField(default='', max_length=60)),
                ('seller_phone', models.CharField(default='', max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Building',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='buildings', to='estate.project')),
                ('name', models.CharField(max_length=40)),
                ('position', models.PositiveIntegerField(default=0)),
                ('regime', models.CharField(choices=[('presale_old', '预售（旧规）'), ('presale_2026', '预售（2026 新规）'), ('completed_sale', '现房销售')], default='presale_old', max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='building_once')],
            },
        ),
        migrations.CreateModel(
            name='Permit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='estate.project')),
                ('kind', models.CharField(choices=[('land', '不动产权证（土地）'), ('land_planning', '建设用地规划许可证'), ('works_planning', '建设工程规划许可证'), ('construction', '建筑工程施工许可证'), ('presale', '商品房预售许可证')], max_length=20)),
                ('number', models.CharField(max_length=80)),
                ('authority', models.CharField(default='', max_length=80)),
                ('issued_date', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('buildings', models.ManyToManyField(blank=True, related_name='permits', to='estate.building')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'kind', 'number'), name='permit_once')],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='units', to='estate.project')),
                ('building', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='units', to='estate.building')),
                ('entrance', models.CharField(default='', max_length=20)),
                ('floor', models.IntegerField(default=0)),
                ('room', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('dwelling', '住宅'), ('shop', '商铺'), ('office', '办公'), ('parking', '车位'), ('storage', '储藏室')], default='dwelling', max_length=20)),
                ('layout', models.CharField(default='', max_length=20)),
                ('layout_name', models.CharField(default='', max_length=40)),
                ('orientation', models.CharField(default='', max_length=20)),
                ('show_unit', models.BooleanField(default=False)),
                ('remark', models.CharField(default='', max_length=200)),
                ('pricing_basis', models.CharField(choices=[('gfa', '按建筑面积'), ('inner', '按套内建筑面积'), ('set', '按套')], default='gfa', max_length=10)),
                ('area_contract', guiju.kernel.money.AreaField(null=True)),
                ('inner_area', guiju.kernel.money.AreaField(null=True)),
                ('apportioned_area', guiju.kernel.money.AreaField(null=True)),
                ('area_measured', guiju.kernel.money.AreaField(null=True)),
                ('inner_measured', guiju.kernel.money.AreaField(null=True)),
                ('unit_price', guiju.kernel.money.FenField(null=True)),
                ('list_price', guiju.kernel.money.FenField(null=True)),
                ('control', models.CharField(choices=[('not_released', '未推'), ('available', '可售'), ('held', '销控'), ('locked', '锁定'), ('subscribed', '已认购'), ('signed', '已签约'), ('filed', '已备案'), ('restricted', '限制'), ('cooling', '待公开')], default='not_released', max_length=20)),
                ('control_since_at', models.DateTimeField(null=True)),
                ('lock_until_at', models.DateTimeField(null=True)),
                ('holder_case_id', models.BigIntegerField(null=True)),
                ('seized', models.BooleanField(default=False)),
                ('unverified', models.BooleanField(default=False)),
                ('unverified_reason', models.CharField(default='', max_length=400)),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'control', 'id'], name='unit_control'), models.Index(fields=['project', 'room', 'id'], name='unit_room')],
                'constraints': [models.UniqueConstraint(fields=('building', 'entrance', 'room'), name='unit_once')],
            },
        ),
        migrations.CreateModel(
            name='ControlChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='control_changes', to='estate.unit')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='control_changes', to='estate.project')),
                ('before', models.CharField(blank=True, choices=[('not_released', '未推'), ('available', '可售'), ('held', '销控'), ('locked', '锁定'), ('subscribed', '已认购'), ('signed', '已签约'), ('filed', '已备案'), ('restricted', '限制'), ('cooling', '待公开')], default='', max_length=20)),
                ('after', models.CharField(choices=[('not_released', '未推'), ('available', '可售'), ('held', '销控'), ('locked', '锁定'), ('subscribed', '已认购'), ('signed', '已签约'), ('filed', '已备案'), ('restricted', '限制'), ('cooling', '待公开')], max_length=20)),
                ('reason', models.CharField(default='', max_length=400)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='control_changes', to='kernel.case')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['unit', '-id'], name='control_unit'), models.Index(fields=['project', 'recorded_at', 'id'], name='control_project')],
            },
        ),
        migrations.CreateModel(
            name='PriceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='estate.unit')),
                ('unit_price', guiju.kernel.money.FenField(null=True)),
                ('list_price', guiju.kernel.money.FenField(null=True)),
                ('valid_from_at', models.DateTimeField()),
                ('source', models.CharField(default='', max_length=200)),
                ('set_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['unit', '-id'], name='price_unit')],
            },
        ),
        migrations.CreateModel(
            name='DailyControl',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='daily_controls', to='estate.project')),
                ('day_date', models.DateField()),
                ('figures', models.JSONField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'day_date'), name='daily_control_once'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='daily_control_confirmed_pair')],
            },
        ),
        migrations.CreateModel(
            name='ControlOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='control_order', to='kernel.case')),
                ('kind', models.CharField(max_length=20)),
                ('until_at', models.DateTimeField(null=True)),
                ('reason', models.TextField()),
                ('authority', models.CharField(default='', max_length=100)),
                ('paper_number', models.CharField(default='', max_length=80)),
                ('lifted_by', models.CharField(default='', max_length=80)),
                ('applied_at', models.DateTimeField()),
                ('units', models.ManyToManyField(related_name='control_orders', to='estate.unit')),
            ],
        ),
    ]
