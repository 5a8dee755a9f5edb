"""Papers on the pages: printed, reprinted, voided, signed on paper and found again by their code."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guiju.papers import scans
from guiju.papers.models import Paper
from guiju.papers.operations.attachments import store
from guiju.papers.scans import first_page
from tests.web.test_pages import hand_in, words


@pytest.fixture
def locked(house):
    return house.lock(at=timezone.now())


@pytest.fixture
def sealed(house, ago):
    return house.sealed(at=ago)


def papers(case, name="case_papers", *rest):
    return reverse(f"web:{name}", args=[case.number, *rest])


def scanned(paper, **who) -> str:
    """The printed paper as a photo, uploaded."""
    import io

    picture = first_page(paper.file.read(), 2200)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return store(file=file.getvalue(), name="扫描.jpg", at=timezone.now(), **who).sha256


def draft(house, visit, case, **changed):
    sent = hand_in(house, draft="first", **changed)
    return visit("lin").post(reverse("web:paper_draft", args=[case.number, "hand_in"]), sent), sent


def test_the_case_lists_what_can_be_printed_and_says_why_not_the_rest(house, visit, ago):
    case = house.handed_in(at=ago)

    page = words(visit("wu").get(papers(case)))
    part = words(visit("wu").get(papers(case, "paper_offers")))

    for text in (page, part):
        assert "房产认购书" in text
        assert "认购登记后才能打印签约资料表" in text
        assert "还没有收到定金" in text
    assert "还没有打印过" in page


def test_the_case_page_leads_to_its_papers(house, visit, sealed):
    page = visit("wu").get(reverse("web:case", args=[sealed.number])).content.decode()

    assert papers(sealed) in page
    assert f'data-part="{papers(sealed, "paper_offers")}"' in page


@pytest.mark.clause("I-5.1-7", "I-6-1")
def test_printing_keeps_number_who_and_when_and_opens_as_pdf(house, visit, sealed):
    client = visit("wu")

    answer = client.post(papers(sealed, "paper_print", "subscription"))

    paper = Paper.objects.get(case=sealed)
    page = words(client.get(answer.url))
    pdf = client.get(reverse("web:paper", args=[paper.pk]))
    assert paper.number == house.facts(sealed).number
    assert paper.number in page
    assert "吴敏 今天" in page
    assert "已印" in page
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.clause("I-5.1-4c", "I-6-2")
def test_the_list_of_papers_for_signing_is_printed_from_the_case(house, visit, sealed):
    visit("wu").post(papers(sealed, "paper_print", "appointment"))

    paper = Paper.objects.get(case=sealed)
    assert paper.title == "签约预约及所需提供资料表"
    assert paper.printed_by == house.wu


def test_a_paper_that_is_not_due_yet_is_refused_with_its_reason(house, visit, ago):
    case = house.handed_in(at=ago)

    answer = visit("wu").post(papers(case, "paper_print", "appointment"))

    assert answer.status_code == 422
    assert "没有印：认购登记后才能打印签约资料表" in words(answer)
    assert not Paper.objects.filter(case=case).exists()


def test_a_reprint_asks_for_a_reason_is_counted_and_opens(house, visit, sealed):
    client = visit("wu")
    client.post(papers(sealed, "paper_print", "subscription"))
    paper = Paper.objects.get(case=sealed)
    url = reverse("web:paper_again", args=[paper.pk])

    refused = client.post(url, {f"again-{paper.pk}.reason": ""})
    done = client.post(url, {f"again-{paper.pk}.reason": "客户的一份丢了"})

    assert refused.status_code == 422
    assert f'id="f-again-{paper.pk}-reason-error"' in refused.content.decode()
    assert done.status_code == 302
    assert "第 1 次补打" in words(client.get(done.url))
    pdf = client.get(reverse("web:paper_reprinted", args=[paper.pk, 1]))
    assert pdf.content.startswith(b"%PDF")
    assert client.get(reverse("web:paper_reprinted", args=[paper.pk, 2])).status_code == 404


def test_a_paper_is_voided_with_a_reason_and_stays_for_the_file(house, visit, sealed):
    client = visit("wu")
    client.post(papers(sealed, "paper_print", "deposit_receipt"))
    paper = Paper.objects.get(case=sealed)

    client.post(reverse("web:paper_void", args=[paper.pk]), {f"void-{paper.pk}.reason": "抬头有误"})

    paper.refresh_from_db()
    page = words(client.get(papers(sealed)))
    assert paper.voided_by == house.wu
    assert "作废：抬头有误" in page
    assert client.get(reverse("web:paper_voided", args=[paper.pk])).content.startswith(b"%PDF")


def test_only_who_printed_a_paper_or_answers_for_it_voids_it(house, visit, sealed):
    visit("wu").post(papers(sealed, "paper_print", "subscription"))
    paper = Paper.objects.get(case=sealed)

    answer = visit("ma").post(
        reverse("web:paper_void", args=[paper.pk]), {f"void-{paper.pk}.reason": "不要了"}
    )

    paper.refresh_from_db()
    assert answer.status_code == 403
    assert "签约主管" in words(answer)
    assert paper.voided_at is None


def test_after_another_signature_the_old_print_is_voided_before_the_new_one(house, visit, ago):
    case = house.registered(at=ago)
    client = visit("wu")
    client.post(papers(case, "paper_print", "subscription"))
    first = Paper.objects.get(case=case)
    house.take(case, "confirm_deposit", "he", ago + timedelta(minutes=70), **house.money())

    refused = client.post(papers(case, "paper_print", "subscription"))
    client.post(papers(case, "paper_print", "subscription"), {f"void-{first.pk}.reason": "收款员已签字"})

    first.refresh_from_db()
    assert refused.status_code == 422
    assert first.void_reason == "收款员已签字"
    assert Paper.objects.valid().get(case=case).number == first.number


def test_posts_without_business_see_no_papers(house, visit, sealed):
    visit("wu").post(papers(sealed, "paper_print", "subscription"))

    page = words(visit("jiang").get(papers(sealed)))
    printing = visit("jiang").post(papers(sealed, "paper_print", "deposit_receipt"))

    assert "你的岗位不接触" in page
    assert printing.status_code == 403
    assert Paper.objects.filter(case=sealed).count() == 1
    assert (
        visit("jiang").get(reverse("web:paper", args=[Paper.objects.get(case=sealed).pk])).status_code == 403
    )
    assert visit("jiang").get(reverse("web:attachment", args=[house.scan])).status_code in (403, 404)
    printed = Paper.objects.get(case=sealed).pk
    for page in (
        reverse("web:paper_reprinted", args=[printed, 1]),
        reverse("web:paper_voided", args=[printed]),
    ):
        assert (visit("jiang").get(page).status_code, visit("wu").get(page).status_code) == (403, 404)


@pytest.mark.clause("I-5.1-1a", "I-6-1")
def test_the_subscription_is_printed_for_signing_from_the_form_as_it_is(house, visit, locked):
    answer, _ = draft(house, visit, locked)

    paper = Paper.objects.get(case=locked)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"已备好：房产认购书 {locked.number}" in words(answer)
    assert 'value="苏清越"' in page
    assert 'value="50,000"' in page
    assert f'action="{reverse("web:step", args=[locked.number, "hand_in"])}"' in page
    locked.refresh_from_db()
    assert locked.state == "locked"
    assert paper.content["buyers"][0]["name"] == "苏清越"


def test_printing_again_without_a_change_gives_the_same_paper(house, visit, locked):
    _, sent = draft(house, visit, locked)

    visit("lin").post(reverse("web:paper_draft", args=[locked.number, "hand_in"]), sent)

    assert Paper.objects.filter(case=locked).count() == 1


def test_a_draft_with_other_words_is_voided_with_a_reason_before_the_next(house, visit, locked):
    _, sent = draft(house, visit, locked)
    client, url = visit("lin"), reverse("web:paper_draft", args=[locked.number, "hand_in"])
    sent["deposit"] = "60000"

    told = client.post(url, sent)
    without = client.post(url, sent | {"draft": "again", "void_reason": ""})
    done = client.post(url, sent | {"draft": "again", "void_reason": "定金改为六万"})

    assert told.status_code == 422
    assert "内容与现在填的不同" in words(told)
    assert 'value="60000"' in told.content.decode()
    assert without.status_code == 422
    assert done.status_code == 200
    old, new = Paper.objects.filter(case=locked).order_by("pk")
    assert old.void_reason == "定金改为六万"
    assert new.number == f"{locked.number}-2"


def test_nothing_is_printed_for_signing_that_could_not_be_handed_in(house, visit, locked):
    answer, _ = draft(house, visit, locked, total_price="1999999")

    assert answer.status_code == 422
    assert "先改好这些，再请客户签字" in words(answer)
    assert "成交总价应为" in words(answer)
    assert 'value="1999999"' in answer.content.decode()
    assert not Paper.objects.filter(case=locked).exists()


def test_mistakes_of_the_form_stand_beside_their_fields_when_printing(house, visit, locked):
    answer, _ = draft(house, visit, locked, deposit="五万")

    assert answer.status_code == 422
    assert 'id="f-deposit-error"' in answer.content.decode()


@pytest.mark.clause("I-5.1-1a")
def test_a_scan_is_matched_to_its_paper_by_the_code(house, visit, locked):
    draft(house, visit, locked)
    paper = Paper.objects.get(case=locked)
    scan = scanned(paper, by=house.lin)
    client = visit("lin")

    part = words(client.get(reverse("web:paper_match", args=[locked.number, scan])))
    page = client.post(
        reverse("web:step", args=[locked.number, "hand_in"]), hand_in(house, signed=scan, deposit="五万")
    )

    assert f"已匹配：房产认购书 {locked.number}" in part
    assert f"已匹配：房产认购书 {locked.number}" in words(page)


def test_a_scan_of_another_case_is_warned_of(house, visit, locked):
    other = house.lock(unit=2, at=timezone.now())
    draft(house, visit, other)
    scan = scanned(Paper.objects.get(case=other), by=house.lin)

    part = words(visit("lin").get(reverse("web:paper_match", args=[locked.number, scan])))

    assert "这是别的事项的单据" in part
    assert other.number in part


def test_a_picture_without_a_code_is_said_to_have_none(house, visit, locked):
    part = words(visit("lin").get(reverse("web:paper_match", args=[locked.number, house.scan])))

    assert "没有认出二维码" in part


def test_the_code_of_a_paper_leads_to_its_page(house, visit, sealed, settings):
    visit("wu").post(papers(sealed, "paper_print", "subscription"))
    paper = Paper.objects.get(case=sealed)
    settings.GUIJU_PUBLIC_URL = "https://guiju.example.com"

    address = scans.qr_text(paper.token).removeprefix("https://guiju.example.com")
    page = words(visit("wu").get(address, follow=True))

    assert address == f"/p/{paper.token}"
    assert "是本系统打印的有效单据" in page
    assert paper.number in page
    assert sealed.number in page


def test_the_page_of_a_void_paper_says_so(house, visit, sealed):
    client = visit("wu")
    client.post(papers(sealed, "paper_print", "subscription"))
    paper = Paper.objects.get(case=sealed)
    client.post(reverse("web:paper_void", args=[paper.pk]), {f"void-{paper.pk}.reason": "写错房号"})

    assert "已经作废，不能再用" in words(client.get(reverse("web:paper_token", args=[paper.token])))


def test_a_paper_outside_the_scope_is_not_found(house, visit, sealed):
    from guiju.org.models import Holding

    visit("wu").post(papers(sealed, "paper_print", "subscription"))
    paper = Paper.objects.get(case=sealed)
    Holding.objects.filter(person=house.song).update(project_id=house.project.pk + 1000)

    assert visit("song").get(reverse("web:paper_token", args=[paper.token])).status_code == 404
    assert visit("song").get(papers(sealed)).status_code == 404


def test_more_papers_do_not_ask_the_database_more_often(house, visit, sealed):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = visit("wu")
    counts = []
    for name in ("subscription", "appointment", "deposit_receipt"):
        client.post(papers(sealed, "paper_print", name))
        client.get(papers(sealed))
        with CaptureQueriesContext(connection) as seen:
            client.get(papers(sealed))
        counts.append(len(seen))
    assert counts[0] == counts[2]
