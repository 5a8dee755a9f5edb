import django.db.models.deletion
import guiju.kernel.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('estate', '0001_initial'),
        ('kernel', '0001_initial'),
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sales_targets', to='estate.project')),
                ('month_date', models.DateField()),
                ('figure', models.CharField(max_length=30)),
                ('value', guiju.kernel.money.FenField()),
                ('set_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'month_date', 'id'], name='sales_target_month')],
                'constraints': [models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='sales_target_sign'), models.CheckConstraint(condition=models.Q(('month_date__day', 1)), name='sales_target_month')],
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='estate.project')),
                ('kind', models.CharField(max_length=10)),
                ('begin_date', models.DateField()),
                ('end_date', models.DateField()),
                ('figures', models.JSONField()),
                ('targets', models.JSONField(default=dict)),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'kind', 'begin_date'), name='snapshot_once')],
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('snapshot', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='reports.snapshot')),
                ('figure', models.CharField(max_length=30)),
                ('change', guiju.kernel.money.FenField()),
                ('noted_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['snapshot', 'figure', 'id'], name='adjustment_figure')],
            },
        ),
        migrations.CreateModel(
            name='KpiLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.case')),
                ('part', models.BigIntegerField(default=0)),
                ('chain_id', models.BigIntegerField()),
                ('scope_id', models.BigIntegerField(default=0)),
                ('falls_at', models.DateTimeField()),
                ('day_date', models.DateField()),
                ('counted', models.BooleanField()),
                ('why', models.CharField(default='', max_length=200)),
                ('millionths', models.BigIntegerField(null=True)),
                ('what', models.CharField(default='', max_length=200)),
                ('person_id', models.BigIntegerField(null=True)),
                ('key', models.CharField(default='', max_length=40)),
            ],
            options={
                'indexes': [models.Index(fields=['code', 'counted', 'falls_at', 'case', 'part'], name='kpi_line_list'), models.Index(fields=['scope_id', 'code', 'counted', 'falls_at', 'case', 'part'], name='kpi_line_project')],
                'constraints': [models.UniqueConstraint(fields=('case', 'code', 'part'), name='kpi_line_once')],
            },
        ),
        migrations.CreateModel(
            name='KpiSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=14)),
                ('begin_date', models.DateField()),
                ('code', models.CharField(max_length=40)),
                ('chain_id', models.BigIntegerField()),
                ('scope_id', models.BigIntegerField()),
                ('key', models.CharField(max_length=40)),
                ('counted', models.BigIntegerField()),
                ('lines', models.BigIntegerField()),
                ('millionths', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'begin_date', 'code', 'chain_id', 'scope_id', 'key'), name='kpi_sum_once')],
            },
        ),
        migrations.CreateModel(
            name='KpiMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain_id', models.BigIntegerField(unique=True)),
                ('seq', models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
