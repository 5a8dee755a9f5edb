"""Papers that are kept: printing, reprinting, voiding, matching scans, signing."""

import hashlib
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from PIL import Image, ImageFilter
from pypdf import PdfReader

from guiju.papers import forms, scans
from guiju.papers.models import Paper, Reprint, Signature
from guiju.papers.operations.attachments import store, sweep_orphans
from guiju.papers.operations.papers import UnableToIssue, issue, match_scan, print_void, reprint, void
from guiju.papers.operations.signatures import UnableToSign, sign_by_scan, sign_on_screen
from tests.papers import samples
from tests.papers.conftest import LATER, NOW

NAME = [
    [[x, 20 + (x % 30), x] for x in range(0, 200, 5)],
    [[200 - x, 60 - (x % 40), x] for x in range(0, 200, 5)],
]


@pytest.fixture
def paper(people, company) -> Paper:
    return issue(form="subscription", data=samples.subscription(), company=company, by=people["lin"], at=NOW)


def words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def as_picture(pdf: bytes) -> Image.Image:
    return scans.first_page(pdf, 1700)


def test_issued_paper_keeps_form_version_number_and_file(paper, people):
    assert (paper.form, paper.form_number, paper.form_version) == ("subscription", "KF-BD-01", "A/0")
    assert (paper.title, paper.number, paper.printed_by) == ("房产认购书", "RG-CY1-2026-0012", people["lin"])
    assert paper.sha256 == hashlib.sha256(paper.file.read()).hexdigest()
    assert "林晓雯2026-11-2010:00打印" in words(paper.file.read())
    assert paper.file.name == "房产认购书 RG-CY1-2026-0012.pdf"
    assert sweep_orphans(at=NOW + timedelta(days=30)) == 0


def test_content_of_a_paper_is_encrypted_in_the_database(paper):
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM papers_paper")
        stored = bytes(cursor.fetchone()[0])

    assert "李𬭎".encode() not in stored
    assert b"11010819900101001X" not in stored
    assert Paper.objects.get().content["buyers"][0]["name"] == "李𬭎"


def test_printing_again_after_an_act_returns_the_same_paper(paper, people, company):
    again = issue(form="subscription", data=samples.subscription(), company=company, by=None, at=LATER)

    assert again == paper
    assert Paper.objects.count() == 1


def test_number_that_is_out_with_other_words_is_refused(paper, people, company):
    changed = samples.subscription(copies="五")

    with pytest.raises(UnableToIssue, match="请先作废原件，再用新编号印制"):
        issue(form="subscription", data=changed, company=company, by=people["lin"], at=LATER)

    assert Paper.objects.count() == 1


def test_void_and_reissue_under_a_new_number(paper, people, company):
    void(paper=paper, reason="证件号码填错", by=people["lin"], at=LATER)
    new = samples.subscription(number="RG-CY1-2026-0013")
    second = issue(form="subscription", data=new, company=company, by=people["lin"], at=LATER)

    paper.refresh_from_db()
    assert (paper.voided_at, paper.voided_by, paper.void_reason) == (LATER, people["lin"], "证件号码填错")
    assert list(Paper.objects.valid()) == [second]
    assert "作废" in words(print_void(paper=paper, by=people["lin"], at=LATER))
    with pytest.raises(UnableToIssue, match="已经作废"):
        void(paper=paper, reason="再来", by=people["lin"], at=LATER)


def test_reprint_says_the_same_and_counts(paper, people):
    first = reprint(paper=paper, reason="客户遗失", by=people["wu"], at=LATER)
    second = reprint(paper=paper, reason="卡纸", by=people["wu"], at=LATER)

    assert "补打第1次" in words(first)
    assert "补打第2次" in words(second)
    assert "吴敏2026-11-2011:00打印" in words(second)
    assert "贰佰叁拾玖万伍仟陆佰肆拾玖元伍角贰分" in words(second)
    assert [(line.count, line.reason) for line in Reprint.objects.order_by("count")] == [
        (1, "客户遗失"),
        (2, "卡纸"),
    ]


def test_reprint_without_a_reason_or_of_a_void_paper_is_refused(paper, people):
    with pytest.raises(UnableToIssue, match="请填写补打原因"):
        reprint(paper=paper, reason=" ", by=people["wu"], at=LATER)
    void(paper=paper, reason="填错", by=people["lin"], at=LATER)
    with pytest.raises(UnableToIssue, match="已作废，不能补打"):
        reprint(paper=paper, reason="遗失", by=people["wu"], at=LATER)

    paper.refresh_from_db()
    assert (paper.reprints, Reprint.objects.count()) == (0, 0)


# --- scans -----------------------------------------------------------------------------------------------------------
def kept(picture: Image.Image, people, name="scan.jpg"):
    made = io.BytesIO()
    picture.convert("RGB").save(made, "JPEG", quality=70)
    return store(file=made.getvalue(), name=name, by=people["wu"], at=LATER)


@pytest.mark.parametrize("turn", [0, 90, 180, 3], ids=["straight", "sideways", "upside down", "askew"])
def test_scan_finds_its_paper_however_it_lay(paper, people, turn):
    page = as_picture(paper.file.read()).rotate(turn, expand=True, fillcolor="white")

    assert match_scan(kept(page, people)) == paper


def test_soft_grey_photo_of_a_paper_still_finds_it(paper, people):
    page = (
        as_picture(paper.file.read())
        .convert("L")
        .filter(ImageFilter.GaussianBlur(0.8))
        .point(lambda v: 40 + v * 0.6)
    )

    assert match_scan(kept(page, people)) == paper


def test_scanned_pdf_of_several_pages_finds_its_paper(paper, people):
    pages = [page.convert("L") for page in scans._pages(paper.file.read(), 1700, 9)]
    made = io.BytesIO()
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:])

    assert match_scan(store(file=made.getvalue(), name="scan.pdf", by=people["wu"], at=LATER)) == paper


def test_scan_of_something_else_or_of_two_papers_finds_none(paper, people, company):
    other = issue(form="letter", data=samples.letter(), company=company, by=people["lin"], at=NOW)
    one, two = as_picture(paper.file.read()), as_picture(other.file.read())
    both = Image.new("RGB", (one.width + two.width, max(one.height, two.height)), "white")
    both.paste(one, (0, 0))
    both.paste(two, (one.width, 0))

    assert match_scan(kept(Image.new("RGB", (400, 400), "white"), people, "a.jpg")) is None
    assert match_scan(kept(both, people, "b.jpg")) is None


def test_code_is_an_address_where_the_installation_has_one(settings):
    settings.GUIJU_PUBLIC_URL = "https://guiju.example.com/"

    assert scans.qr_text("ABCDEFGHIJKLMNOP") == "https://guiju.example.com/p/ABCDEFGHIJKLMNOP"
    assert scans.token_in("https://guiju.example.com/p/ABCDEFGHIJKLMNOP") == "ABCDEFGHIJKLMNOP"
    assert scans.token_in("GUIJU:P:ABCDEFGHIJKLMNOP") == "ABCDEFGHIJKLMNOP"
    assert scans.token_in("https://elsewhere.example.com/x") is None


# --- signatures ------------------------------------------------------------------------------------------------------
def test_signature_on_screen_keeps_strokes_picture_time_and_what_was_signed(paper, people):
    made = sign_on_screen(paper=paper, role="buyer", name="李𬭎", strokes=NAME, by=people["lin"], at=LATER)

    made.refresh_from_db()
    assert (made.method, made.signer_name, made.role) == ("on_screen", "李𬭎", "buyer")
    assert made.signed_sha256 == paper.sha256
    assert (made.signed_at, made.recorded_by) == (LATER, people["lin"])
    assert made.strokes[0][1] == [5.0, 25.0, 5]
    assert Image.open(io.BytesIO(made.picture.read())).size == (900, 360)
    assert sweep_orphans(at=NOW + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    ("strokes", "said"),
    [
        ([], "还没有签名"),
        ([[]], "还没有签名"),
        ([[[10, 10, 0]]], "签名太短"),
        ([[[10, 10, 0], [13, 11, 9]]], "签名太短"),
        ("<svg/>", "签名数据不对"),
        ([[["a", 1, 0]]], "签名数据不对"),
        ([[[float("nan"), 1, 0]]], "签名数据不对"),
        ([[[i, i % 7, i] for i in range(20_001)]], "笔画太多"),
    ],
)
def test_empty_short_or_false_drawings_are_refused(paper, people, strokes, said):
    with pytest.raises(UnableToSign, match=said):
        sign_on_screen(paper=paper, role="buyer", name="李𬭎", strokes=strokes, by=people["lin"], at=LATER)

    assert Signature.objects.count() == 0


def test_points_may_come_as_a_signature_pad_sends_them(paper, people):
    pad = [
        {"points": [{"x": x, "y": y, "time": t, "pressure": 0.5} for x, y, t in stroke]} for stroke in NAME
    ]

    made = sign_on_screen(paper=paper, role="buyer", name="李𬭎", strokes=pad, by=people["lin"], at=LATER)

    assert made.strokes[0][1] == [5.0, 25.0, 5]


def test_employee_signs_only_for_oneself(paper, people):
    with pytest.raises(UnableToSign, match="不能代签"):
        sign_on_screen(
            paper=paper,
            role="director",
            name="高志强",
            strokes=NAME,
            signer=people["gao"],
            by=people["lin"],
            at=LATER,
        )


def test_signature_on_paper_is_recorded_by_its_scan(paper, people):
    scan = kept(as_picture(paper.file.read()), people)

    made = sign_by_scan(
        paper=paper, scan=scan, role="buyer", name="李𬭎", signed_at=NOW, by=people["wu"], at=LATER
    )

    assert (made.method, made.picture, made.strokes) == ("paper_scanned", scan, None)
    assert (made.signed_at, made.recorded_at, made.signed_sha256) == (NOW, LATER, paper.sha256)
    with pytest.raises(UnableToSign, match="不能晚于现在"):
        sign_by_scan(
            paper=paper,
            scan=scan,
            role="buyer",
            name="李𬭎",
            signed_at=LATER + timedelta(1),
            by=people["wu"],
            at=LATER,
        )


def test_void_paper_is_not_signed(paper, people):
    void(paper=paper, reason="填错", by=people["lin"], at=LATER)
    paper.refresh_from_db()

    with pytest.raises(UnableToSign, match="已作废"):
        sign_on_screen(paper=paper, role="buyer", name="李𬭎", strokes=NAME, by=people["lin"], at=LATER)


def test_blank_register_without_number_may_be_printed_again_and_again(people, company):
    first = issue(form="register", data=samples.register(), company=company, by=people["lin"], at=NOW)
    second = issue(
        form="register", data=replace(samples.register(), period="12月"), company=company, by=None, at=LATER
    )

    assert first != second
    assert (first.title, first.number) == ("认购登记表", "")
    assert second.printed_by is None
    assert "系统2026-11-2011:00打印" in words(second.file.read())


def test_forms_module_has_no_field_that_is_neither_text_nor_money():
    """``written`` must give plain values only: they are kept as JSON and shown by templates."""

    def plain(value):
        if isinstance(value, dict):
            return all(map(plain, value.values()))
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or isinstance(value, (str, int, bool))

    for data in (
        samples.subscription(seal=samples.SEAL),
        samples.appointment(),
        samples.daily_control(),
        samples.sop(),
    ):
        assert plain(forms.written(data))
