import django.db.models.deletion
import guiju.kernel.crypto
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('process', models.CharField(max_length=40)),
                ('sop_version_id', models.BigIntegerField()),
                ('state', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField(default=1)),
                ('title', models.CharField(max_length=200)),
                ('chain_id', models.BigIntegerField()),
                ('scope_id', models.BigIntegerField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.BigIntegerField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('historic', models.BooleanField(default=False)),
                ('secrecy', models.CharField(db_default='personal', default='personal', max_length=12)),
                ('events', models.PositiveIntegerField(default=0)),
                ('pending_request_id', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['scope_id', '-id'], name='case_scope'), models.Index(fields=['scope_id', 'process', 'state', '-id'], name='case_process'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['scope_id', 'due_at', 'id'], name='case_due'), models.Index(condition=models.Q(('historic', True)), fields=['scope_id', '-id'], name='case_historic'), models.Index(fields=['chain_id', '-id'], name='case_company'), models.Index(fields=['chain_id', 'process', 'state', '-id'], name='case_company_process'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['chain_id', 'due_at', 'id'], name='case_company_due'), models.Index(condition=models.Q(('historic', True)), fields=['chain_id', '-id'], name='case_company_historic'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['process', 'closed_at'], name='case_closed')],
            },
        ),
        migrations.CreateModel(
            name='CaseLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='kernel.case')),
                ('kind', models.CharField(max_length=20)),
                ('key', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'case'), name='case_link_once')],
            },
        ),
        migrations.CreateModel(
            name='Todo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='todos', to='kernel.case')),
                ('act', models.CharField(max_length=60)),
                ('label', models.CharField(max_length=60)),
                ('post', models.CharField(max_length=40)),
                ('person_id', models.BigIntegerField(null=True)),
                ('chain_id', models.BigIntegerField()),
                ('scope_id', models.BigIntegerField(null=True)),
                ('due_at', models.DateTimeField()),
                ('since_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['post', 'scope_id', 'person_id', 'due_at', 'id'], name='todo_scope'), models.Index(fields=['post', 'chain_id', 'person_id', 'due_at', 'id'], name='todo_company'), models.Index(fields=['person_id', 'due_at', 'id'], name='todo_person')],
                'constraints': [models.UniqueConstraint(fields=('case', 'act', 'post'), name='todo_once')],
            },
        ),
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='kernel.case')),
                ('step', models.CharField(max_length=60)),
                ('point', models.CharField(max_length=60)),
                ('value', models.TextField(default='')),
                ('ticked_at', models.DateTimeField()),
                ('ticked_by', models.BigIntegerField()),
                ('used', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('used', False)), fields=('case', 'step', 'point'), name='one_open_tick')],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=60, unique=True)),
                ('value', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.BigIntegerField()),
                ('key', models.CharField(max_length=100)),
                ('request_digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('body', models.TextField(default='')),
                ('made_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person_id', 'key'), name='reply_once')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='kernel.case')),
                ('step', models.CharField(max_length=60)),
                ('body', models.BinaryField()),
                ('case_version', models.PositiveIntegerField()),
                ('sop_version_id', models.BigIntegerField()),
                ('requested_by', models.BigIntegerField()),
                ('requested_at', models.DateTimeField()),
                ('happened_at', models.DateTimeField()),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('order', models.PositiveSmallIntegerField(default=1)),
                ('chain', models.JSONField()),
                ('state', models.CharField(default='pending', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['pending', 'returned'])), fields=('case',), name='one_open_request')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='kernel.approvalrequest')),
                ('round', models.PositiveSmallIntegerField()),
                ('seat', models.PositiveSmallIntegerField()),
                ('post', models.CharField(max_length=40)),
                ('person_id', models.BigIntegerField()),
                ('behalf_id', models.BigIntegerField(null=True)),
                ('decision', models.CharField(max_length=10)),
                ('reason', models.TextField(default='')),
                ('voted_at', models.DateTimeField()),
                ('paper_sha256', models.CharField(default='', max_length=64)),
                ('recorded_by', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'round', 'seat'), name='one_vote_a_seat')],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(unique=True)),
                ('is_workday', models.BooleanField()),
                ('note', models.CharField(max_length=100)),
                ('source', models.CharField(default='seed', max_length=10)),
                ('provisional', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField(null=True)),
                ('changed_by_id', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('changed_at', None), ('changed_by_id', None)), models.Q(('changed_at__isnull', False), ('changed_by_id__isnull', False)), _connector='OR'), name='calendar_day_changed_pair')],
            },
        ),
        migrations.CreateModel(
            name='WorkHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company_id', models.BigIntegerField()),
                ('valid_from', models.DateField()),
                ('morning_opens', models.TimeField()),
                ('lunch_starts', models.TimeField()),
                ('lunch_ends', models.TimeField()),
                ('afternoon_closes', models.TimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('company_id', 'valid_from'), name='work_hours_once_a_day'), models.CheckConstraint(condition=models.Q(('morning_opens__lt', models.F('lunch_starts')), ('lunch_starts__lte', models.F('lunch_ends')), ('lunch_ends__lt', models.F('afternoon_closes'))), name='work_hours_in_order')],
            },
        ),
        migrations.CreateModel(
            name='CalendarEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='kernel.case')),
                ('name', models.CharField(max_length=60)),
                ('label', models.CharField(max_length=60)),
                ('limit', models.CharField(default='', max_length=40)),
                ('state', models.CharField(default='running', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('started_by_step', models.CharField(default='', max_length=60)),
                ('due_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('breached_at', models.DateTimeField(null=True)),
                ('alarm_at', models.DateTimeField(null=True)),
                ('alarm', models.PositiveSmallIntegerField(default=0)),
                ('chain_id', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'state'], name='clock_case'), models.Index(condition=models.Q(('state', 'running')), fields=['alarm_at', 'id'], name='clock_alarm'), models.Index(condition=models.Q(('stopped_at__isnull', False)), fields=['chain_id', 'stopped_at'], name='clock_stopped')],
            },
        ),
        migrations.CreateModel(
            name='ClockPause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='kernel.clock')),
                ('paused_at', models.DateTimeField()),
                ('resumed_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['clock', 'paused_at'], name='pause_clock')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain_id', models.BigIntegerField()),
                ('seq', models.PositiveBigIntegerField()),
                ('case', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='history', to='kernel.case')),
                ('case_seq', models.PositiveIntegerField(default=0)),
                ('step', models.CharField(max_length=60)),
                ('from_state', models.CharField(default='', max_length=40)),
                ('to_state', models.CharField(default='', max_length=40)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('behalf_id', models.BigIntegerField(null=True)),
                ('post', models.CharField(default='', max_length=40)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('key', models.UUIDField(null=True)),
                ('body', models.BinaryField(null=True)),
                ('body_digest', models.CharField(max_length=64)),
                ('case_previous', models.CharField(default='', max_length=64)),
                ('previous', models.CharField(default='', max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('erased_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'case_seq'], name='event_case'), models.Index(fields=['chain_id', 'step', 'happened_at'], name='event_step'), models.Index(fields=['actor_id', '-id'], name='event_actor')],
                'constraints': [models.UniqueConstraint(fields=('chain_id', 'seq'), name='event_once_in_chain'), models.UniqueConstraint(condition=models.Q(('key__isnull', False)), fields=('key',), name='event_key_once')],
            },
        ),
        migrations.CreateModel(
            name='Deviation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deviations', to='kernel.case')),
                ('step', models.CharField(max_length=60)),
                ('point', models.CharField(max_length=60)),
                ('reason', models.TextField()),
                ('post', models.CharField(max_length=40)),
                ('allowed_at', models.DateTimeField()),
                ('allowed_by', models.BigIntegerField()),
                ('used_event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deviations', to='kernel.event')),
            ],
        ),
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain_id', models.BigIntegerField(unique=True)),
                ('seq', models.PositiveBigIntegerField(default=0)),
                ('digest', models.CharField(default='', max_length=64)),
                ('anchored', models.PositiveBigIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reactions', to='kernel.event')),
                ('name', models.CharField(max_length=80)),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('error', models.TextField(default='')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['next_at', 'id'], name='reaction_due'), models.Index(condition=models.Q(('state', 'dead')), fields=['-id'], name='reaction_dead')],
                'constraints': [models.UniqueConstraint(fields=('event', 'name'), name='reaction_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(max_length=64)),
                ('label', guiju.kernel.crypto.EncryptedTextField()),
                ('tokens', models.TextField()),
                ('rules', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='search_entry_once')],
            },
        ),
    ]
