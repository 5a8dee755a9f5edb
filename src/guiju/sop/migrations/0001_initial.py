import django.db.models.deletion
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
            name='Stamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('only', models.PositiveSmallIntegerField(default=1, editable=False, unique=True)),
                ('value', models.PositiveBigIntegerField(default=0, verbose_name='变更计数')),
            ],
            options={
                'verbose_name': '作业标准书变更计数',
                'verbose_name_plural': '作业标准书变更计数',
                'constraints': [models.CheckConstraint(condition=models.Q(('only', 1)), name='stamp_only_one')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='文件编号')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sop_documents', to='org.company', verbose_name='公司')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('kind', models.CharField(choices=[('manual', '作业标准书'), ('process', '工作流程'), ('procedure', '程序文件'), ('instruction', '作业指导书')], max_length=12, verbose_name='类别')),
                ('category', models.CharField(max_length=30, verbose_name='分类')),
                ('process', models.CharField(blank=True, max_length=40, verbose_name='流程')),
                ('department', models.CharField(max_length=50, verbose_name='部门')),
                ('audience', models.JSONField(blank=True, default=list, verbose_name='适用岗位')),
                ('next_review_date', models.DateField(blank=True, null=True, verbose_name='下次复审日期')),
            ],
            options={
                'verbose_name': '作业标准书',
                'verbose_name_plural': '作业标准书',
                'constraints': [models.UniqueConstraint(fields=('code', 'company'), name='sop_code_in_company'), models.UniqueConstraint(condition=models.Q(('company', None)), fields=('code',), name='sop_code_in_group'), models.UniqueConstraint(condition=models.Q(('process', ''), _negated=True), fields=('process', 'company'), name='sop_process_in_company'), models.UniqueConstraint(condition=models.Q(('company', None), models.Q(('process', ''), _negated=True)), fields=('process',), name='sop_process_in_group')],
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='sop.document', verbose_name='作业标准书')),
                ('major', models.PositiveSmallIntegerField(verbose_name='版本号')),
                ('minor', models.PositiveSmallIntegerField(verbose_name='修订号')),
                ('content', models.JSONField(verbose_name='内容')),
                ('sha256', models.CharField(max_length=64, verbose_name='内容摘要')),
                ('state', models.CharField(choices=[('draft', '编制中'), ('submitted', '待审核'), ('reviewed', '待批准'), ('approved', '已批准'), ('published', '已发布'), ('retired', '已作废')], default='draft', max_length=10, verbose_name='状态')),
                ('shipped', models.BooleanField(default=False, verbose_name='随程序提供')),
                ('change_note', models.CharField(blank=True, max_length=500, verbose_name='修订说明')),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='sop.version', verbose_name='所依据的版本')),
                ('effective_date', models.DateField(blank=True, null=True, verbose_name='实施日期')),
                ('prepared_at', models.DateTimeField(blank=True, null=True, verbose_name='编制时间')),
                ('prepared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='审核时间')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='作废时间')),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='作废人')),
                ('remark', models.CharField(blank=True, max_length=500, verbose_name='退回或作废原因')),
            ],
            options={
                'verbose_name': '作业标准书版本',
                'verbose_name_plural': '作业标准书版本',
                'indexes': [models.Index(fields=['document', 'state', 'effective_date'], name='sop_in_force')],
                'constraints': [models.UniqueConstraint(fields=('document', 'major', 'minor'), name='sop_version_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'reviewed', 'approved'])), fields=('document',), name='sop_one_version_on_the_way'), models.CheckConstraint(condition=models.Q(models.Q(('prepared_at', None), ('prepared_by', None)), models.Q(('prepared_at__isnull', False), ('prepared_by__isnull', False)), _connector='OR'), name='sop_prepared_at_and_by'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at', None), ('reviewed_by', None)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='sop_reviewed_at_and_by'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='sop_approved_at_and_by'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None)), models.Q(('published_at__isnull', False), ('published_by__isnull', False)), _connector='OR'), name='sop_published_at_and_by'), models.CheckConstraint(condition=models.Q(models.Q(('retired_at', None), ('retired_by', None)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), _connector='OR'), name='sop_retired_at_and_by'), models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='sop_not_own_review'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('reviewed_by__isnull', False), models.Q(('approved_by', models.F('prepared_by')), _negated=True), models.Q(('approved_by', models.F('reviewed_by')), _negated=True)), _connector='OR'), name='sop_not_own_approval'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('effective_date__isnull', False), models.Q(('shipped', True), ('approved_by__isnull', False), _connector='OR')), _connector='OR'), name='sop_published_with_date_and_approval')],
            },
        ),
        migrations.CreateModel(
            name='ScopeValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='values', to='sop.document', verbose_name='作业标准书')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.company', verbose_name='公司')),
                ('project_id', models.BigIntegerField(blank=True, null=True, verbose_name='项目')),
                ('path', models.CharField(max_length=100, verbose_name='内容')),
                ('value', models.JSONField(verbose_name='值')),
                ('from_date', models.DateField(verbose_name='起始日期')),
                ('to_date', models.DateField(blank=True, null=True, verbose_name='最后日期')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('proposed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人')),
            ],
            options={
                'verbose_name': '公司和项目参数',
                'verbose_name_plural': '公司和项目参数',
                'indexes': [models.Index(fields=['document', 'company', 'project_id', 'from_date'], name='sop_value_scope')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='sop_value_approved_at_and_by'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='sop_value_not_own_approval'), models.CheckConstraint(condition=models.Q(('to_date', None), ('to_date__gte', models.F('from_date')), _connector='OR'), name='sop_value_from_to')],
            },
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='sop.version', verbose_name='版本')),
                ('values', models.JSONField(default=dict, verbose_name='另定的值')),
                ('sha256', models.CharField(max_length=64, verbose_name='内容摘要')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='生成时间')),
            ],
            options={
                'verbose_name': '执行版本',
                'verbose_name_plural': '执行版本',
                'constraints': [models.UniqueConstraint(fields=('version', 'sha256'), name='sop_edition_once')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='sop.version', verbose_name='版本')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sop_readings', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('kind', models.CharField(choices=[('read', '已阅读'), ('trained', '已培训')], max_length=8, verbose_name='方式')),
                ('read_at', models.DateTimeField(verbose_name='时间')),
                ('trainer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='培训人')),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='测验得分')),
            ],
            options={
                'verbose_name': '阅读和培训记录',
                'verbose_name_plural': '阅读和培训记录',
                'indexes': [models.Index(fields=['person', 'version'], name='sop_reading_person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'read')), fields=('version', 'person'), name='sop_reading_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'read'), ('trainer', None)), models.Q(('kind', 'trained'), ('trainer__isnull', False)), _connector='OR'), name='sop_training_has_trainer')],
            },
        ),
        migrations.CreateModel(
            name='Slip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='sop.version', verbose_name='作业标准书版本')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slips', to='kernel.case', verbose_name='事项')),
                ('process', models.CharField(max_length=40, verbose_name='流程')),
                ('step', models.CharField(max_length=60, verbose_name='步骤')),
                ('kind', models.CharField(choices=[('filled', '填写有误'), ('unready', '条件或控制要点未满足')], max_length=8, verbose_name='种类')),
                ('about', models.JSONField(default=list, verbose_name='字段或条款')),
                ('made_at', models.DateTimeField(verbose_name='时间')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人')),
            ],
            options={
                'verbose_name': '差错',
                'verbose_name_plural': '差错',
                'indexes': [models.Index(fields=['process', 'made_at'], name='slip_process')],
            },
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suggestions', to='sop.version', verbose_name='版本')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.company', verbose_name='公司')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='针对内容')),
                ('text', models.TextField(verbose_name='建议')),
                ('state', models.CharField(choices=[('open', '待处理'), ('accepted', '已采纳'), ('rejected', '未采纳')], default='open', max_length=10, verbose_name='状态')),
                ('made_at', models.DateTimeField(verbose_name='提出时间')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='处理时间')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='处理人')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='处理意见')),
                ('led_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suggested_by', to='sop.version', verbose_name='形成的版本')),
            ],
            options={
                'verbose_name': '修订建议',
                'verbose_name_plural': '修订建议',
                'indexes': [models.Index(fields=['company', 'state', 'id'], name='sop_suggestion_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='sop_suggestion_decided_at_and_by')],
            },
        ),
    ]
