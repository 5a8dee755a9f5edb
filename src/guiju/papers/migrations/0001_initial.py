import django.db.models.deletion
import guiju.kernel.crypto
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
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='org.company', verbose_name='公司')),
                ('sha256', models.CharField(max_length=64, verbose_name='内容摘要')),
                ('source_sha256', models.CharField(blank=True, max_length=64, verbose_name='原件摘要')),
                ('name', models.CharField(max_length=200, verbose_name='文件名')),
                ('mime', models.CharField(max_length=100, verbose_name='类型')),
                ('size', models.PositiveIntegerField(verbose_name='字节数')),
                ('kind', models.CharField(choices=[('photo', '照片'), ('scan', '扫描件'), ('document', '文件'), ('signature', '签名'), ('printed', '打印件')], max_length=12, verbose_name='种类')),
                ('secrecy', models.CharField(choices=[('open', '公开'), ('internal', '内部'), ('personal', '含个人信息'), ('confidential', '机密')], max_length=12, verbose_name='密级')),
                ('width', models.PositiveIntegerField(blank=True, null=True, verbose_name='宽')),
                ('height', models.PositiveIntegerField(blank=True, null=True, verbose_name='高')),
                ('small', models.BooleanField(default=False, verbose_name='有缩小件')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='拍摄时间')),
                ('uploaded_at', models.DateTimeField(verbose_name='上传时间')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '附件',
                'verbose_name_plural': '附件',
                'indexes': [models.Index(fields=['uploaded_at', 'id'], name='attachment_uploaded'), models.Index(fields=['sha256'], name='attachment_content')],
                'constraints': [models.UniqueConstraint(fields=('company', 'sha256'), name='attachment_content_once'), models.CheckConstraint(condition=models.Q(models.Q(('height', None), ('width', None)), models.Q(('height__isnull', False), ('width__isnull', False)), _connector='OR'), name='attachment_width_and_height')],
            },
        ),
        migrations.CreateModel(
            name='AttachmentUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='papers.attachment', verbose_name='附件')),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachment_uses', to='kernel.case', verbose_name='事项')),
                ('kind', models.CharField(max_length=40, verbose_name='用于')),
                ('key', models.CharField(blank=True, max_length=60, verbose_name='对象')),
                ('title', models.CharField(blank=True, max_length=100, verbose_name='说明')),
                ('used_at', models.DateTimeField(verbose_name='使用时间')),
                ('used_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
            ],
            options={
                'verbose_name': '附件使用',
                'verbose_name_plural': '附件使用',
                'indexes': [models.Index(fields=['kind', 'key'], name='attached_object')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('case__isnull', False)), fields=('attachment', 'case', 'kind', 'key'), name='attached_case_once'), models.UniqueConstraint(condition=models.Q(('case', None)), fields=('attachment', 'kind', 'key'), name='attached_object_once')],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='org.company', verbose_name='公司')),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='kernel.case', verbose_name='事项')),
                ('form', models.CharField(max_length=40, verbose_name='表单')),
                ('form_number', models.CharField(max_length=40, verbose_name='表单编号')),
                ('form_version', models.CharField(max_length=20, verbose_name='版次')),
                ('title', models.CharField(max_length=100, verbose_name='名称')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='编号')),
                ('token', models.CharField(max_length=32, unique=True, verbose_name='二维码')),
                ('content', guiju.kernel.crypto.EncryptedJSONField(verbose_name='内容')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='papers.attachment', verbose_name='打印件')),
                ('sha256', models.CharField(max_length=64, verbose_name='摘要')),
                ('printed_at', models.DateTimeField(verbose_name='打印时间')),
                ('printed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to=settings.AUTH_USER_MODEL, verbose_name='打印人')),
                ('reprints', models.PositiveIntegerField(default=0, verbose_name='补打次数')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='作废时间')),
                ('voided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='作废人')),
                ('void_reason', models.CharField(blank=True, max_length=200, verbose_name='作废原因')),
            ],
            options={
                'verbose_name': '单据',
                'verbose_name_plural': '单据',
                'indexes': [models.Index(fields=['case', 'form', '-id'], name='paper_case'), models.Index(fields=['form', 'number'], name='paper_form_number')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at', None), models.Q(('number', ''), _negated=True)), fields=('company', 'form', 'number'), name='paper_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('void_reason', ''), ('voided_at', None), ('voided_by', None)), models.Q(('voided_at__isnull', False), ('voided_by__isnull', False), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='paper_voided_at_by_and_why')],
            },
        ),
        migrations.CreateModel(
            name='Reprint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reprint_log', to='papers.paper', verbose_name='单据')),
                ('count', models.PositiveIntegerField(verbose_name='第几次')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('reprinted_at', models.DateTimeField(verbose_name='补打时间')),
                ('reprinted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='补打人')),
            ],
            options={
                'verbose_name': '补打',
                'verbose_name_plural': '补打',
                'constraints': [models.UniqueConstraint(fields=('paper', 'count'), name='reprint_count_once')],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='kernel.case', verbose_name='事项')),
                ('paper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='papers.paper', verbose_name='单据')),
                ('role', models.CharField(max_length=40, verbose_name='身份')),
                ('signer_name', guiju.kernel.crypto.EncryptedTextField(verbose_name='签名人')),
                ('signer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to=settings.AUTH_USER_MODEL, verbose_name='签名人（员工）')),
                ('method', models.CharField(choices=[('on_screen', '屏上签名'), ('paper_scanned', '纸质签名扫描')], max_length=14, verbose_name='方式')),
                ('strokes', guiju.kernel.crypto.EncryptedJSONField(blank=True, null=True, verbose_name='笔迹')),
                ('picture', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='papers.attachment', verbose_name='图样')),
                ('signed_sha256', models.CharField(max_length=64, verbose_name='所签内容摘要')),
                ('signed_at', models.DateTimeField(verbose_name='签名时间')),
                ('recorded_at', models.DateTimeField(verbose_name='登记时间')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '签名',
                'verbose_name_plural': '签名',
                'indexes': [models.Index(fields=['case', 'role'], name='signature_case')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('method', 'on_screen'), ('picture__isnull', False), ('strokes__isnull', False)), models.Q(('method', 'paper_scanned'), ('picture__isnull', False), ('strokes__isnull', True)), _connector='OR'), name='signature_shows_how'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('signed_at'))), name='signature_signed_then_recorded')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to='org.company', verbose_name='公司')),
                ('project_id', models.BigIntegerField(blank=True, null=True, verbose_name='项目')),
                ('kind', models.CharField(choices=[('contract', '合同专用章'), ('company', '公章'), ('finance', '财务专用章'), ('legal', '法定代表人章'), ('department', '部门章')], max_length=12, verbose_name='种类')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('keeper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to=settings.AUTH_USER_MODEL, verbose_name='保管人')),
                ('kept_since_at', models.DateTimeField(verbose_name='保管起')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='停用时间')),
            ],
            options={
                'verbose_name': '印章',
                'verbose_name_plural': '印章',
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('company', 'name'), name='seal_name_once')],
            },
        ),
        migrations.CreateModel(
            name='SealHandover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='papers.seal', verbose_name='印章')),
                ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='移交人')),
                ('taker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='接收人')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('handed_at', models.DateTimeField(verbose_name='移交时间')),
                ('handed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='监交人')),
            ],
            options={
                'verbose_name': '印章移交',
                'verbose_name_plural': '印章移交',
            },
        ),
        migrations.CreateModel(
            name='SealUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='register', to='papers.seal', verbose_name='印章')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='用印编号')),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='seal_uses', to='kernel.case', verbose_name='事项')),
                ('paper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='seal_uses', to='papers.paper', verbose_name='单据')),
                ('title', models.CharField(max_length=200, verbose_name='用印文件')),
                ('copies', models.PositiveSmallIntegerField(verbose_name='份数')),
                ('across_pages', models.BooleanField(default=False, verbose_name='骑缝章')),
                ('approval', models.CharField(max_length=200, verbose_name='批准依据')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('used_at', models.DateTimeField(verbose_name='用印时间')),
                ('used_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seal_uses', to=settings.AUTH_USER_MODEL, verbose_name='用印人')),
            ],
            options={
                'verbose_name': '用印登记',
                'verbose_name_plural': '用印登记',
                'indexes': [models.Index(fields=['seal', '-used_at', '-id'], name='seal_use_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('copies__gte', 1)), name='seal_use_copies')],
            },
        ),
    ]
