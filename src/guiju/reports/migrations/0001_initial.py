import django.db.models.deletion
import guiju.kernel.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('estate', '0001_initial'),
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sales_targets', to='estate.project')),
                ('month_date', models.DateField()),
                ('figure', models.CharField(max_length=30)),
                ('value', guiju.kernel.money.FenField()),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='estate.project')),
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
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='reports.snapshot')),
                ('figure', models.CharField(max_length=30)),
                ('change', guiju.kernel.money.FenField()),
                ('noted_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['snapshot', 'figure', 'id'], name='adjustment_figure')],
            },
        ),
    ]
