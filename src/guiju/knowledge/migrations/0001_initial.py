import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        ('kernel', '0001_initial'),
        ('org', '0001_initial'),
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='org.company')),
                ('word', models.CharField(max_length=30)),
                ('plain', models.CharField(max_length=100)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('company', 'word'), name='term_once')],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='org.company')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('kind', models.CharField(choices=[('repair', '维修'), ('question', '咨询'), ('complaint', '投诉'), ('procedure', '办事')], max_length=12)),
                ('part', models.CharField(default='', max_length=40)),
                ('title', models.CharField(max_length=100)),
                ('retired_at', models.DateTimeField(null=True)),
                ('retired_why', models.CharField(default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['company', 'kind', '-id'], name='article_kind')],
            },
        ),
        migrations.CreateModel(
            name='ArticleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='knowledge.article')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='article_version', to='kernel.case')),
                ('version', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('draft', '草稿'), ('review', '待审核'), ('published', '现行'), ('replaced', '已被替换'), ('refused', '不采用')], default='draft', max_length=12)),
                ('title', models.CharField(max_length=100)),
                ('problem', models.TextField()),
                ('solution', models.TextField()),
                ('spoken', models.CharField(default='', max_length=300)),
                ('steps', models.JSONField(default=list)),
                ('keywords', models.CharField(default='', max_length=200)),
                ('source', models.CharField(choices=[('staff', '员工'), ('customer', '客户')], default='staff', max_length=10)),
                ('source_case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles_from', to='kernel.case')),
                ('proposer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles_proposed', to='customers.customer')),
                ('written_at', models.DateTimeField()),
                ('written_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('article', 'version'), name='article_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None)), models.Q(('published_at__isnull', False), ('published_by__isnull', False)), _connector='OR'), name='article_published_at_and_by')],
            },
        ),
        migrations.CreateModel(
            name='ArticleUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='knowledge.articleversion')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='article_uses', to='kernel.case')),
                ('kind', models.CharField(choices=[('read', '查阅'), ('answered', '据此答复'), ('guided', '指导客户操作'), ('sent', '发给客户')], max_length=10)),
                ('answer', models.TextField(default='')),
                ('steps', models.JSONField(default=list)),
                ('sent_as', models.CharField(default='', max_length=10)),
                ('message_id', models.BigIntegerField(null=True)),
                ('link_id', models.BigIntegerField(null=True)),
                ('used_at', models.DateTimeField()),
                ('used_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['case', '-id'], name='article_use_case')],
            },
        ),
        migrations.AddField(
            model_name='Article',
            name='current',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='current_of', to='knowledge.articleversion'),
        ),
    ]
