"""Pages of the board, knowledge, call-backs, ratings and observation: read, filled in, and closed to strangers."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guiju.kernel import engine, worker
from guiju.kernel.models import Case, Event
from guiju.knowledge.models import Article, ArticleUse, Term
from guiju.notify import links
from guiju.org.models import Company, Holding, Person, Post
from guiju.quality.callbacks import PURPOSE
from guiju.quality.models import Callback, Feedback, Observation, ProductDuty, Rating, Training
from guiju.reports import kpi, kpi_kept
from guiju.reports.kpi_board import KPIS, QUESTIONS
from tests.desk.conftest import service
from tests.knowledge.test_articles import TEXT

__all__ = ["service"]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def early():
    """Two days ago, in the morning: everything of one repair lies behind."""
    return timezone.now() - timedelta(days=2, hours=4)


@pytest.fixture
def visit(service):
    def by(username):
        client = Client()
        client.force_login(service.people[username])
        return client

    return by


def text(answer):
    return answer.content.decode()


def tabs(page):
    return [int(count) for count in re.findall(r'class="count">(\d+)<', page)]


@pytest.mark.clause("E-1.4-b", "C-1-c", "F-1-h", "A-0-c", "A-0-e")
def test_the_board_shows_every_figure_with_formula_and_target(service, visit, early):
    service.closed(at=early)

    page = text(visit("zhou").get("/board/?period=year"))

    for one in (*KPIS, *QUESTIONS):
        assert one.label in page
    for one in KPIS:
        assert one.formula in page
    assert "<svg" in page
    assert "style=" not in page
    assert "还没有计入" not in page


def test_a_board_that_has_not_followed_yet_says_so(service, visit, early, monkeypatch):
    """Thousands of acts at once are not read by a page; the worker adds them."""
    monkeypatch.setattr(kpi_kept, "LIVE_MOST", 1)
    service.closed(at=early)
    page = visit("zhou")

    assert "最近几分钟的还没有计入" in text(page.get("/board/?period=year"))
    assert "最近几分钟的还没有计入" in text(page.get(f"/board/figures/{KPIS[0].code}/?period=year"))

    kpi_kept.follow(timezone.now())
    assert "还没有计入" not in text(page.get("/board/?period=year"))


def test_every_figure_opens_into_lists_that_add_up_to_it(service, visit, early):
    service.closed(at=early)
    service.record(at=early, unit=1)
    client = visit("zhou")

    for one in (*KPIS, *QUESTIONS):
        page = client.get(f"/board/figures/{one.code}/?period=year&show=all")
        figure, counts = page.context["row"]["figure"], tabs(text(page))
        assert page.status_code == 200, one.code
        counted = client.get(f"/board/figures/{one.code}/?period=year").context["lines"]
        assert counts[0] == figure.counted == len(counted), one.code
        if one.kind == kpi.RATIO:
            continue
        assert counts[0] + (counts[1] if len(counts) == 3 else 0) == counts[-1], one.code
        assert counts[-1] == len(page.context["lines"]), one.code
        assert one.kind != kpi.SHARE or counts[-1] == figure.of, one.code


def test_bars_cells_causes_and_lines_lead_to_as_many_cases_as_they_say(service, visit, early):
    service.closed(at=early)
    service.record(at=early, unit=1)
    client = visit("zhou")
    board = client.get("/board/?period=year")
    assert board.context["cell"]["count"] == 2

    for address in (
        board.context["cell"]["url"], "/board/cases/?which=age&age=0&period=year",
        "/board/cases/?which=cause&row=0&period=year", "/board/cases/?which=stat&by=kind&row=0&period=year",
    ):  # fmt: skip
        answer = client.get(address)
        assert (answer.status_code, len(answer.context["rows"]) == answer.context["total"] > 0) == (
            200,
            True,
        ), address
    assert client.get("/board/cases/?which=age&age=77").status_code == 404
    assert client.get("/board/figures/nothing/").status_code == 404


def test_the_board_of_another_company_is_empty_for_a_stranger(service, visit, early):
    service.closed(at=early)
    own = service.project.company
    company = Company.objects.create(
        group=own.group,
        kind=own.kind,
        name="别家公司",
        short_name="别家",
        held_by=own.held_by,
        hold=own.hold,
        operating=True,
    )
    person = Person.objects.create(username="fremd", name="方外", company=company, joined_at=early)
    Holding.objects.create(
        person=person, post=Post.objects.get(code="cs_manager"), company=company, from_at=early
    )
    client = Client()
    client.force_login(person)

    page = client.get("/board/figures/satisfaction/?period=year&show=all")
    assert page.context["lines"] == []
    assert client.get("/knowledge/1/").status_code == 404


@pytest.mark.clause("E-5-a")
def test_an_employee_sees_the_target_and_the_own_value_and_nobody_elses(service, visit, early):
    service.closed(at=early)
    client = visit("kang")

    own = text(client.get(f"/observations/people/{service.kang.pk}/"))
    assert "目标 100%" in own
    assert "客户满意率" in own
    assert client.get(f"/observations/people/{service.ma.pk}/").status_code == 404
    assert client.get("/observations/").status_code == 302
    rows = client.get("/board/people/?period=year").context["rows"]
    assert {row["key"] for row in rows} <= {service.kang.pk}


@pytest.mark.clause("C-4.3-a", "E-3.2-c")
def test_a_manager_sees_diagnosis_and_resolution_time_of_each_employee(service, visit, early):
    service.closed(at=early)

    page = visit("zhou").get("/board/people/?period=year")

    names = {
        row["name"]: {cell["label"]: cell["value"] for cell in row["cells"]} for row in page.context["rows"]
    }
    assert names["沈一鸣"]["诊断用时"] == "0.7"
    assert names["康水"]["解决用时"] == "8.2"


def test_figures_leave_as_excel_without_names(service, visit, early):
    service.closed(at=early)

    answer = visit("zhou").get("/board/export.xlsx?period=year")

    book = zipfile.ZipFile(io.BytesIO(answer.content))
    strings = book.read("xl/sharedStrings.xml").decode()
    assert "客户服务到位率" in strings
    assert "苏清越" not in strings


# --- knowledge -------------------------------------------------------------------------------------------------------
def publish(service, at):
    event = engine.open_case(
        "article",
        by=service.shen,
        at=at,
        given=TEXT,
        chain_id=service.project.company_id,
        scope_id=service.project.pk,
    )
    case = Case.objects.get(pk=event.case_id)
    service.take(case, "submit", "shen", at + MINUTE)
    service.take(case, "publish", "tang", at + 2 * MINUTE)
    return Article.objects.get()


@pytest.mark.clause("D-2.3-d", "D-2.3-a", "C-3.2-g", "C-4.3-c")
def test_beside_a_case_an_article_is_offered_used_and_logged(service, visit, early):
    article, closed = publish(service, early), service.closed(at=early)
    case = service.record(at=early + timedelta(days=1), unit=1)
    client = visit("ma")
    address = f"/cases/{case.number}/knowledge/"

    page = text(client.get(address))
    assert "飘窗下雨渗水怎么办" in page
    assert closed.number in page
    for given in (
        {"kind": "read"}, {"kind": "answered", "answer": "胶老化了"}, {"kind": "guided", "steps": ["0", "2"]},
        {"kind": "pdf"}, {"kind": "link"},
    ):  # fmt: skip
        assert client.post(f"{address}{article.pk}/use/", given).status_code == 302, given
    kinds = list(ArticleUse.objects.order_by("pk").values_list("kind", "answer", "sent_as"))
    assert kinds == [
        ("read", "", ""), ("answered", "胶老化了", ""), ("guided", "", ""), ("sent", "", "pdf"), ("sent", "", "link"),
    ]  # fmt: skip
    assert "胶老化了" in text(client.get(address))


def test_an_answer_without_words_is_refused_beside_the_article_and_nothing_is_lost(service, visit, early):
    article, case = publish(service, early), service.record(at=early)

    answer = visit("ma").post(
        f"/cases/{case.number}/knowledge/{article.pk}/use/", {"kind": "answered", "answer": ""}
    )

    assert (answer.status_code, "写下告诉客户的话" in text(answer)) == (422, True)


@pytest.mark.clause("C-4.3-b", "D-2.5-e")
def test_a_draft_from_a_case_is_filled_in_already_and_comes_out_without_names(service, visit, early):
    case = service.closed(at=early)
    client = visit("shen")
    sheet = client.get(f"/cases/{case.number}/knowledge/").context["sheet"]
    assert "渗水" in sheet.typed["problem"]

    answer = client.post(
        f"/cases/{case.number}/knowledge/draft/",
        {
            "title": "苏清越家飘窗渗水",
            "problem": "飘窗渗水",
            "solution": "重打耐候胶",
            "from_customer": "1",
            "from_customer.shown": "1",
        },
    )

    draft = Case.objects.get(process="article")
    assert (answer.status_code, answer.url) == (302, f"/cases/{draft.number}/")
    assert (draft.article_version.title, draft.article_version.source) == ("客户家飘窗渗水", "customer")


def test_articles_are_listed_found_read_printed_and_retired(service, visit, early):
    article = publish(service, early)
    client = visit("tang")

    assert "飘窗下雨渗水怎么办" in text(client.get("/knowledge/"))
    assert "飘窗下雨渗水怎么办" in text(client.get("/knowledge/?q=漏雨"))
    assert "没有找到" in text(client.get("/knowledge/?q=电梯"))
    page = text(client.get(f"/knowledge/{article.pk}/"))
    assert "我们安排师傅重新打胶" in page
    assert client.get(f"/knowledge/{article.pk}/pdf/").content.startswith(b"%PDF")
    assert client.get(f"/knowledge/new/?of={article.pk}").context["sheet"].typed["replaces"] == article.number
    assert client.post(f"/knowledge/{article.pk}/retire/", {"reason": "规范变了"}).status_code == 302
    assert "飘窗下雨渗水怎么办" not in text(client.get("/knowledge/"))


@pytest.mark.clause("D-2.3-c", "H-3.1-d")
def test_the_glossary_takes_the_companys_own_words(service, visit):
    client = visit("tang")
    assert "空鼓" in text(client.get("/knowledge/words/"))

    assert client.post("/knowledge/words/", {"word": "泛碱", "plain": "墙上起白霜"}).status_code == 302

    assert Term.objects.get().plain == "墙上起白霜"
    assert visit("kang").post("/knowledge/words/", {"word": "甲乙", "plain": "丙丁"}).status_code == 403


# --- call-backs, ratings ---------------------------------------------------------------------------------------------
@pytest.mark.clause("A-5.1-a")
def test_a_call_is_arranged_listed_and_its_result_written(service, visit, early):
    case = service.closed(at=early)
    client = visit("ma")
    answer = client.post(
        f"/callbacks/new/?about={case.number}",
        {
            "kind": "asked",
            "about": case.number,
            "reason": "看看干了没有",
            "contact_name": "苏清越",
            "contact_phone": "19900001111",
        },
    )
    row = Callback.objects.get()
    assert answer.url == f"/cases/{row.case.number}/"

    page = text(client.get("/callbacks/"))
    assert "苏清越" in page
    assert case.number in page
    answer = client.post(
        f"/cases/{row.case.number}/steps/finish/",
        {"score": "5", "solved": "yes", "way": "phone", "points.read_case": "1", "version": row.case.version},
    )
    row.refresh_from_db()
    assert (answer.status_code, row.rating.score) == (302, 5)
    assert "没有要回访的" in text(client.get("/callbacks/"))


@pytest.mark.clause("A-5.3-a", "F-2.5-c")
def test_a_paper_survey_is_printed_typed_in_and_its_words_followed_up(service, visit, early):
    case = service.closed(at=early)
    client = visit("ma")
    assert client.get(f"/cases/{case.number}/survey/paper/").content.startswith(b"%PDF")
    answer = client.post(
        f"/cases/{case.number}/survey/",
        {
            "score": "4",
            "solved": "yes",
            "source": "paper",
            "words": "电梯慢",
            "marks.recommend": "9",
            "marks.valued": "5",
        },
    )
    assert answer.status_code == 302
    rating = Rating.objects.get(source="paper")
    assert (rating.items, rating.words) == ({"recommend": 9, "valued": 5}, "电梯慢")
    row = Feedback.objects.get(rating=rating)

    assert "电梯慢" in text(client.get("/feedback/"))
    assert client.post(f"/feedback/{row.pk}/").status_code == 302
    assert client.post(f"/feedback/{row.pk}/", {"done": "1", "action": "已报物业"}).status_code == 302
    assert "已报物业" in text(client.get("/feedback/?show=done"))


def test_a_survey_without_a_mark_says_what_is_missing(service, visit, early):
    case = service.record(at=early)

    answer = visit("ma").post(f"/cases/{case.number}/survey/", {"source": "paper", "words": "还行"})

    assert (answer.status_code, "还行" in text(answer)) == (422, True)


@pytest.mark.clause("F-2.5-a", "F-2.5-b", "F-2.5-c", "J-2.7-d")
def test_a_customer_rates_by_the_link_once_on_the_phone(service, early):
    case = service.done(at=early)
    at = timezone.now()
    link = links.make(
        purpose=PURPOSE,
        case=case,
        subject={"case": case.number},
        phone="19900001111",
        expires_at=at + timedelta(days=7),
        at=at,
    )
    stranger = Client()

    page = text(stranger.get(f"/o/{link.token}/"))
    assert ("问题解决了吗" in page, "您信任我们公司吗" in page, "苏清越" in page) == (True, True, False)
    wrong = stranger.post(f"/o/{link.token}/", {"words": "慢"})
    assert (wrong.status_code, "请给本次服务打个分" in text(wrong), "慢" in text(wrong)) == (422, True, True)
    answer = stranger.post(
        f"/o/{link.token}/",
        {"score": "2", "solved": "no", "item.trust_safety": "2", "item.recommend": "3", "words": "还漏"},
    )
    assert answer.status_code == 302
    again = stranger.post(f"/o/{link.token}/", {"score": "5", "solved": "yes"})
    assert "谢谢您的评价" in text(again)

    rating = Rating.objects.get()
    assert (rating.source, rating.score, rating.items) == ("link", 2, {"trust_safety": 2, "recommend": 3})
    worker.run_once(timezone.now() + MINUTE)
    assert Case.objects.filter(process="complaint").count() == 1


@pytest.mark.clause("D-2.3-e")
def test_the_sent_article_opens_by_its_link_in_plain_words(service, early):
    article, case = publish(service, early), service.record(at=early)
    at = timezone.now()
    link = links.make(
        purpose="article", case=case, subject={"version": article.current_id}, phone="19900001111",
        expires_at=at + timedelta(days=7), at=at,
    )  # fmt: skip

    page = text(Client().get(f"/o/{link.token}/"))

    assert "飘窗下雨渗水怎么办" in page
    assert "拍一张照片发给我们" in page


# --- observation and training ----------------------------------------------------------------------------------------
@pytest.mark.clause("A-1.2-b", "A-2.1-c", "D-2.1-d")
def test_a_supervisor_fills_in_an_observation_and_it_stands_in_the_record(service, visit):
    client = visit("tang")
    assert "言谈举止得体" in text(client.get("/observations/new/desk/"))
    missing = client.post("/observations/new/desk/", {"mark.calm": "4"})
    assert (missing.status_code, "请选观察的是谁" in text(missing)) == (422, True)

    answer = client.post(
        "/observations/new/desk/",
        {"person": service.ma.pk, "mark.calm": "4", "mark.conduct": "5", "record_errors": "1"},
    )

    assert answer.url == f"/observations/people/{service.ma.pk}/"
    row = Observation.objects.get()
    assert (row.scores, row.record_errors, row.observed_by) == ({"calm": 4, "conduct": 5}, 1, service.tang)
    assert "言谈举止得体 <b>5</b>" in text(client.get(answer.url))
    assert visit("ma").get("/observations/new/desk/").status_code == 403


@pytest.mark.clause("C-4.1-a", "C-4.1-b")
def test_products_and_training_are_kept_on_the_employees_page(service, visit):
    client = visit("tang")
    base = f"/observations/people/{service.kang.pk}/"
    assert "个月没有培训的" in text(client.get("/observations/"))

    assert client.post(
        f"{base}products/",
        {"product.product": "地暖", "product.from_date": "2026-09-01", "product.evidence": "test", "product.evidence_text": "92 分"},
    ).status_code == 302  # fmt: skip
    assert (
        client.post(f"{base}training/", {"plan.topic": "防水", "plan.planned_date": "2026-10-01"}).status_code
        == 302
    )
    row = Training.objects.get()
    refused = client.post(f"{base}training/{row.pk}/", {"done.done_date": "2026-10-02", "done.evidence": ""})
    assert refused.status_code == 422
    assert (
        client.post(
            f"{base}training/{row.pk}/",
            {"done.done_date": "2026-10-02", "done.evidence": "签到表", "done.score": "90"},
        ).status_code
        == 302
    )

    assert (ProductDuty.objects.get().product, Training.objects.get().evidence) == ("地暖", "签到表")
    assert Event.objects.filter(step="quality.learnt").count() == 3
    page = text(client.get(base))
    assert "考核：92 分" in page
    assert "签到表" in page
