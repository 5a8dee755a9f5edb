import django.db.models.deletion
import django.db.models.expressions
import guiju.kernel.crypto
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
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('units', '一房一价表'), ('areas', '实测面积成果表'), ('customers', '客户台账'), ('complaints', '投诉登记表')], max_length=20)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='estate.project')),
                ('file_name', models.CharField(max_length=200)),
                ('file_digest', models.CharField(db_index=True, max_length=64)),
                ('imported_at', models.DateTimeField()),
                ('imported_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('year', models.PositiveSmallIntegerField(null=True)),
                ('read', models.PositiveIntegerField()),
                ('created', models.PositiveIntegerField()),
                ('updated', models.PositiveIntegerField()),
                ('unchanged', models.PositiveIntegerField()),
                ('rejected', models.PositiveIntegerField()),
                ('result', guiju.kernel.crypto.EncryptedJSONField()),
            ],
            options={
                'indexes': [models.Index(fields=['project', '-id'], name='import_project')],
                'constraints': [models.CheckConstraint(condition=models.Q(('read', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('created'), '+', models.F('updated')), '+', models.F('unchanged')), '+', models.F('rejected')))), name='import_counts_add_up')],
            },
        ),
        migrations.CreateModel(
            name='ImportedFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estate.project')),
                ('register', models.CharField(choices=[('units', '一房一价表'), ('areas', '实测面积成果表'), ('customers', '客户台账'), ('complaints', '投诉登记表')], max_length=20)),
                ('target_kind', models.CharField(choices=[('unit', '房屋'), ('deal', '成交'), ('complaint', '投诉')], max_length=20)),
                ('target_id', models.BigIntegerField()),
                ('key', models.CharField(db_index=True, default='', max_length=64)),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='registers.import')),
                ('sheet', models.CharField(max_length=100)),
                ('row', models.PositiveIntegerField()),
                ('values', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'register'], name='imported_fact_project')],
                'constraints': [models.UniqueConstraint(fields=('register', 'target_kind', 'target_id'), name='imported_fact_once')],
            },
        ),
        migrations.CreateModel(
            name='Doubt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='doubts', to='estate.unit')),
                ('register', models.CharField(choices=[('units', '一房一价表'), ('areas', '实测面积成果表'), ('customers', '客户台账'), ('complaints', '投诉登记表')], max_length=20)),
                ('content', models.CharField(max_length=64)),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='doubts', to='registers.import')),
                ('sheet', models.CharField(max_length=100)),
                ('row', models.PositiveIntegerField()),
                ('settled_import', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='registers.import')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'content'), name='doubt_once')],
            },
        ),
        migrations.CreateModel(
            name='Layout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.company')),
                ('kind', models.CharField(choices=[('units', '一房一价表'), ('areas', '实测面积成果表'), ('customers', '客户台账'), ('complaints', '投诉登记表')], max_length=20)),
                ('fingerprint', models.CharField(max_length=64)),
                ('headings', models.JSONField()),
                ('columns', models.JSONField()),
                ('corrected_at', models.DateTimeField()),
                ('corrected_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('company', 'fingerprint'), name='layout_once')],
            },
        ),
    ]
