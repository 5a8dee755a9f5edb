"""Articles: drafted from cases, reviewed by another, found beside a case, used and sent."""

from datetime import timedelta

import pytest

from guiju.kernel import engine, worker
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost, Refused
from guiju.knowledge import articles
from guiju.knowledge.models import Article, ArticleUse, ArticleVersion
from guiju.knowledge.operations import using, writing
from guiju.notify.models import Link, Message
from guiju.web.views.knowledge import pdf_of
from tests.desk.servicing import MORNING

LATER = MORNING + timedelta(days=1)
TEXT = {
    "title": "飘窗下雨渗水怎么办", "problem": "飘窗窗边的胶开裂，下雨渗水", "solution": "铲除旧胶，补防水，重打耐候胶",
    "spoken": "窗边的胶老化了，我们安排师傅重新打胶，半天就好。", "kind": "repair", "part": "outer_wall",
    "steps": ["关上窗户", "用毛巾垫住窗台", "拍一张照片发给我们"], "keywords": "漏雨 窗户",
}  # fmt: skip


def drafted(service, by="shen", at=LATER, **changed):
    event = engine.open_case(
        "article", by=service.people[by], at=at, given=TEXT | changed, chain_id=service.project.company_id,
        scope_id=service.project.pk,
    )  # fmt: skip
    return Case.objects.get(pk=event.case_id)


def published(service, at=LATER, **changed):
    case = drafted(service, at=at, **changed)
    service.take(case, "submit", "shen", at + timedelta(minutes=5))
    service.take(case, "publish", "tang", at + timedelta(minutes=30))
    return Article.objects.get(current__case=case)


@pytest.mark.clause("C-4.3-b")
def test_a_closed_case_becomes_a_draft_without_names_numbers_and_rooms(service):
    case = service.closed()

    version = articles.draft_from(
        case, title="苏清越家飘窗渗水", problem="苏清越，199 0000 1111，1号楼1501 飘窗渗水", solution="重打耐候胶", by=service.shen,
        at=LATER,
    )  # fmt: skip

    assert (version.title, version.problem) == ("客户家飘窗渗水", "客户，（电话），某房 飘窗渗水")
    assert (version.state, version.source_case, version.article.part) == ("draft", case, "outer_wall")


@pytest.mark.clause("D-2.3-d")
def test_an_article_is_reviewed_by_somebody_else_than_its_writer(service):
    case = drafted(service, by="tang")
    service.take(case, "submit", "tang", LATER)

    with pytest.raises(NotReady, match="自己写的知识由别人审核"):
        service.take(case, "publish", "tang", LATER)
    service.take(case, "publish", "zhou", LATER)

    article = Article.objects.get()
    assert (article.current.state, article.current.published_by) == ("published", service.zhou)


def test_only_reviewers_publish(service):
    case = drafted(service)
    service.take(case, "submit", "shen", LATER)

    with pytest.raises(NotYourPost):
        service.take(case, "publish", "kang", LATER)


@pytest.mark.clause("D-2.3-b")
def test_without_a_spoken_answer_nothing_is_submitted(service):
    case = drafted(service, spoken="")

    with pytest.raises(NotReady, match="还没有写一句话答复"):
        service.take(case, "submit", "shen", LATER)


@pytest.mark.clause("D-2.3-c", "H-3.1-d")
def test_jargon_in_what_the_customer_hears_refuses_with_the_plain_word(service):
    case = drafted(service, spoken="地砖空鼓，我们来整改。")

    with pytest.raises(NotReady, match="「空鼓」可说「瓷砖或墙皮下面没有粘实」"):
        service.take(case, "submit", "shen", LATER)


@pytest.mark.clause("E-4.4-a")
def test_a_text_with_a_name_a_number_or_a_room_is_never_published(service):
    source = service.closed()
    for solution, found in (
        ("打 19900001111 再去", "电话「19900001111」"), ("3栋1502 也是这样", "房号「3栋1502」"),
        ("苏清越家也这样修好", "姓名「苏清越」"),
    ):  # fmt: skip
        case = drafted(service, solution=solution, source_case=source.number)
        with pytest.raises(NotReady, match=found):
            service.take(case, "submit", "shen", LATER)
        service.take(
            case,
            "change",
            "shen",
            LATER,
            **{key: TEXT[key] for key in ("title", "problem", "solution", "spoken")},
        )
        service.take(case, "submit", "shen", LATER)


def test_a_new_version_replaces_the_old_one_which_stays_readable(service):
    article = published(service)
    again = drafted(
        service, replaces=article.number, title="飘窗下雨渗水怎么办（新胶）", at=LATER + timedelta(days=1)
    )
    service.take(again, "submit", "shen", LATER + timedelta(days=1))
    service.take(again, "publish", "tang", LATER + timedelta(days=1))

    article.refresh_from_db()
    assert Article.objects.count() == 1
    assert article.title == "飘窗下雨渗水怎么办（新胶）"
    assert list(article.versions.order_by("version").values_list("version", "state")) == [
        (1, "replaced"), (2, "published"),
    ]  # fmt: skip


@pytest.mark.clause("C-4.3-c", "D-2.3-d")
def test_beside_a_case_stand_fitting_articles_and_similar_closed_cases(service):
    article = published(service)
    published(
        service,
        title="电梯按钮不亮怎么办",
        problem="电梯轿厢按钮灯不亮",
        solution="更换按钮模块",
        keywords="电梯",
        part="equipment",
    )
    closed = service.closed()
    case = service.record(at=MORNING + timedelta(days=2), unit=1)

    found = articles.similar(
        words=articles.story(case), part=articles.part_of(case), at=LATER + timedelta(days=5),
        company_id=service.project.company_id,
    )  # fmt: skip
    assert found[0] == article
    assert [one.title for one in found] == ["飘窗下雨渗水怎么办"]
    assert [one.number for one in articles.similar_cases(case)] == [closed.number]


@pytest.mark.clause("D-2.3-d")
def test_articles_are_found_by_the_customers_words(service):
    article = published(service)
    company = service.project.company_id

    assert articles.look_up("飘窗 渗水", company_ids=[company]) == [article]
    assert articles.look_up("漏雨", company_ids=[company]) == [article]
    assert articles.look_up("漏雨", company_ids=[company + 99]) == []
    writing.retire(article=article, reason="新版规范", by=service.tang, at=LATER)
    assert articles.look_up("漏雨", company_ids=[company]) == []


@pytest.mark.clause("D-2.3-a", "D-2.3-d")
def test_the_answer_given_is_kept_with_the_version_it_was_based_on(service):
    article, case = published(service), service.record()

    use = using.note_use(
        version=article.current,
        case=case,
        kind=ArticleUse.ANSWERED,
        answer="胶老化了，明天上午来",
        by=service.ma,
        at=LATER,
    )

    assert (use.answer, use.version.version, use.case) == ("胶老化了，明天上午来", 1, case)
    assert Event.objects.filter(step=using.USED).count() == 1
    with pytest.raises(BadlyFilled):
        using.note_use(
            version=article.current, case=case, kind=ArticleUse.ANSWERED, answer="", by=service.ma, at=LATER
        )


@pytest.mark.clause("C-3.2-g")
def test_the_steps_the_customer_was_led_through_are_recorded(service):
    article, case = published(service), service.record()

    use = using.note_use(
        version=article.current, case=case, kind=ArticleUse.GUIDED, steps=[2, 0], by=service.ma, at=LATER
    )

    assert use.steps == ["关上窗户", "拍一张照片发给我们"]
    with pytest.raises(BadlyFilled):
        using.note_use(
            version=article.current, case=case, kind=ArticleUse.GUIDED, steps=[7], by=service.ma, at=LATER
        )


@pytest.mark.clause("D-2.3-e")
def test_an_article_goes_to_the_customer_as_a_link_or_a_pdf_and_it_is_known_what_and_when(service):
    article, case = published(service), service.record()

    use = using.send(
        version=article.current,
        case=case,
        sent_as="link",
        phone="19900001111",
        name="苏清越",
        by=service.ma,
        at=LATER,
    )

    link, message = Link.objects.get(purpose="article"), Message.objects.get(template="knowledge.article")
    assert (use.link_id, use.message_id, use.used_at) == (link.pk, message.pk, LATER)
    assert "飘窗下雨渗水怎么办" in message.body
    assert link.expires_at == LATER + timedelta(days=30)
    with pytest.raises(Refused, match="没有电话"):
        using.send(
            version=article.current, case=case, sent_as="link", phone=" ", name="", by=service.ma, at=LATER
        )
    assert pdf_of(article.current).startswith(b"%PDF")


@pytest.mark.clause("D-2.5-e", "D-2.5-f")
def test_a_customers_own_solution_is_kept_as_such_and_shared_with_the_group(service):
    case = service.closed()
    version = articles.draft_from(
        case, title="纱窗卡住的小窍门", problem="纱窗推不动", solution="在轨道上抹一点蜡烛，推两下就顺了", spoken="在轨道上抹点蜡烛就顺了。",
        from_customer=True, by=service.shen, at=LATER,
    )  # fmt: skip
    assert (version.source, version.source_case) == (ArticleVersion.CUSTOMER, case)
    with pytest.raises(NotReady, match="客户提出的办法要从事项页登记"):
        drafted(service, source="customer")

    service.take(version.case, "submit", "shen", LATER)
    service.take(version.case, "publish", "tang", LATER)
    worker.run_once(LATER + timedelta(minutes=1))

    told = set(Message.objects.filter(template="knowledge.shared").values_list("to_id", flat=True))
    assert {service.ma.pk, service.wu.pk, service.kang.pk, service.shen.pk} <= told
    assert service.lin.pk not in told
