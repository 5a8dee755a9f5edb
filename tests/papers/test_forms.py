"""Every form of the library, printed and read back: words, amounts, codes, fonts, rare characters."""

import io
import threading
import time
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader

from guiju.papers import forms, strokes, typesetting
from guiju.papers.forms import FORMS, Buyer, Signed, Stamp, StateLine, UnableToPrint
from guiju.sop.questions import printed_forms
from tests.papers import samples
from tests.papers.samples import COMPANY, STAMP

FILLED = {
    "subscription": samples.subscription,
    "appointment": samples.appointment,
    "daily_control": samples.daily_control,
    "deposit_receipt": samples.deposit_receipt,
    "letter": samples.letter,
    "register": samples.register,
    "sop": samples.sop,
} | {
    code: partial(samples.filled, FORMS[code].data)
    for code in (
        "subscription_change", "contract_change", "complaint_record", "corrective", "memo", "service_record", "work_order", "survey", "article",
        "contract_approval", "refund", "referral", "reception_log", "works_change",
    )
}  # fmt: skip


def text_of(pdf: bytes) -> str:
    """The words of a PDF without the blanks and line ends that setting puts between them."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Font name -> whether its outlines are in the file."""
    found = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            found[descendant["/BaseFont"]] = any(key in descriptor for key in ("/FontFile2", "/FontFile3"))
    return found


def test_every_form_of_the_library_has_a_filled_sample():
    assert FILLED.keys() == FORMS.keys()


@pytest.mark.parametrize("code", FORMS)
def test_form_prints_with_its_number_version_company_printer_and_page_count(code):
    pdf = forms.print_form(code, FILLED[code](), stamp=STAMP, company=COMPANY)

    text = text_of(pdf)
    pages = len(PdfReader(io.BytesIO(pdf)).pages)
    assert pdf.startswith(b"%PDF-")
    assert COMPANY in text
    assert "林晓2026-11-2110:26打印" in text
    assert f"第1页共{pages}页" in text
    assert f"第{pages}页共{pages}页" in text
    if code != "sop":
        assert f"表单编号{FORMS[code].number}版次A/0" in text


@pytest.mark.parametrize("code", FORMS)
def test_form_is_for_keeping_with_every_font_inside(code):
    pdf = forms.print_form(code, FILLED[code](), stamp=STAMP, company=COMPANY)

    assert b"pdfaid:part>2</pdfaid:part" in pdf
    assert all(fonts_of(pdf).values())
    assert any("NotoSerifSC" in name for name in fonts_of(pdf))


@pytest.mark.parametrize("code", FORMS)
def test_code_in_the_foot_of_every_page_reads_back(code):
    pages = forms.preview_form(code, FILLED[code](), stamp=STAMP, company=COMPANY, ppi=150)

    for page in pages:
        read = zxingcpp.read_barcodes(Image.open(io.BytesIO(page)))
        assert [found.text for found in read] == ["https://guiju.example.com/p/ABCDEFGHIJKLMNOP"]


def test_same_data_and_moment_print_the_same_bytes():
    first = forms.print_form("letter", samples.letter(), stamp=STAMP, company=COMPANY)

    assert forms.print_form("letter", samples.letter(), stamp=STAMP, company=COMPANY) == first


# --- 房产认购书 ------------------------------------------------------------------------------------------------------
@pytest.mark.clause("I-5.1-7", "I-6-1")
def test_subscription_says_who_buys_what_for_how_much_in_figures_and_words():
    text = text_of(forms.print_form("subscription", samples.subscription(), stamp=STAMP))

    for words in (
        "房产认购书",
        "认购书编号：RG-CY1-2026-0012",
        "91110108MA00TEST0X",
        "京房售证字（2026）0001号",
        "李𬭎",
        "11010819900101001X",
        "𠮷雪",
        "公证委托书京示证1号",
        "澄园1号楼1单元1502",
        "118.62㎡（预测）",
        "92.31㎡",
        "26.31㎡",
        "20,400.00元／㎡",
        "¥2,419,848.00",
        "−24,198.48元",
        "¥2,395,649.52",
        "人民币贰佰叁拾玖万伍仟陆佰肆拾玖元伍角贰分",
        "¥100,000.00",
        "人民币壹拾万元整",
        "示范银行海淀支行",
        "首期款（含定金）2026年11月28日719,649.52",
        "竣工备案后放款1,676,000.00",
        "收据编号DJ-CY1-2026-0012",
        "2026年11月22日至2026年11月28日",
        "澄园销售中心签约室",
    ):
        assert words in text, words


def test_subscription_says_what_happens_when_no_contract_is_signed():
    """民法典 586, 587; 商品房买卖合同司法解释 4."""
    text = text_of(forms.print_form("subscription", samples.subscription(), stamp=STAMP))

    for words in (
        "不超过成交总价的百分之二十；超过部分不具有定金效力",
        "（一）甲方未取得商品房销售所需的许可",
        "甲方双倍返还定金",
        "经甲方书面催告后在合理期限内仍未签约的，甲方可以解除本书，定金不予返还",
        "任何一方均可解除本书，甲方退还已付全部款项",
        "因不可归责于双方的原因未能取得贷款",
        "于解除之日起15日内退回原付款账户",
    ):
        assert words in text, words


def test_subscription_not_yet_signed_leaves_lines_to_write_on():
    blank = samples.subscription(
        buyers=(replace(samples.LI, signed=None),),
        deposit_due=None,
        sign_from=None,
        sign_until=None,
        receipt="",
    )

    text = text_of(forms.print_form("subscription", blank, stamp=STAMP))

    assert "（盖章处）" in text
    assert "双方应于年月日至年月日期间" in text
    assert "签订日期：年月日" in text


def test_sealed_subscription_shows_the_line_of_the_seal_register():
    sealed = samples.subscription(seal=samples.SEAL, sealed_on=samples.DAY)

    text = text_of(forms.print_form("subscription", sealed, stamp=STAMP))

    assert "合同专用章已用印登记YZ-CY1-2026-00072026年11月21日何静" in text
    assert "（盖章处）" not in text


def test_company_buyer_shows_its_legal_representative_instead_of_sex_and_birth():
    company = Buyer(
        "示范贸易（北京）有限公司",
        id_kind="统一社会信用代码",
        id_number="91110108MA00TEST1X",
        legal_representative="许文静",
        address="北京市海淀区示范路 2 号",
    )

    text = text_of(forms.print_form("subscription", samples.subscription(buyers=(company,)), stamp=STAMP))

    assert "法定代表人许文静" in text
    assert "性别" not in text


def test_signature_drawn_on_screen_is_on_the_paper():
    drawn = strokes.svg(strokes.read_strokes([[[0, 0, 0], [40, 30, 10]], [[40, 0, 20], [0, 30, 30]]]))
    unsigned = samples.subscription(buyers=(replace(samples.LI, signed=None),))
    signed = samples.subscription(buyers=(replace(samples.LI, signed=Signed("李𬭎", samples.DAY, drawn)),))

    assert forms.preview_form("subscription", signed)[2] != forms.preview_form("subscription", unsigned)[2]


def test_signature_kept_as_a_picture_is_on_the_paper():
    picture = Image.new("RGBA", (900, 400), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(200, 300), (400, 100), (600, 320)], fill=(20, 20, 20, 255), width=12)
    made = io.BytesIO()
    picture.save(made, "PNG")
    drawn = strokes.picture_svg(made.getvalue())
    signed = samples.subscription(buyers=(replace(samples.LI, signed=Signed("李𬭎", samples.DAY, drawn)),))

    pdf = forms.print_form("subscription", signed, stamp=STAMP)

    assert [len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages] == [0, 0, 1]


def test_empty_picture_is_no_signature():
    made = io.BytesIO()
    Image.new("RGBA", (900, 400), (0, 0, 0, 0)).save(made, "PNG")

    with pytest.raises(strokes.UnableToRead, match="签名图样是空的"):
        strokes.picture_svg(made.getvalue())


def test_reprint_and_void_are_marked():
    stamp = replace(STAMP, reprint=2, copy="第二联 交款人", mark="作废")

    text = text_of(
        forms.print_form("deposit_receipt", samples.deposit_receipt(), stamp=stamp, company=COMPANY)
    )

    assert "补打第2次" in text
    assert "第二联交款人" in text
    assert "作废" in text


# --- the other forms -------------------------------------------------------------------------------------------------
@pytest.mark.clause("I-5.1-4c", "I-5.3-3e", "I-6-2")
def test_appointment_tells_when_and_where_to_sign_and_which_papers_to_bring():
    text = text_of(forms.print_form("appointment", samples.appointment(), stamp=STAMP, company=COMPANY))

    for words in (
        "签约时间2026年11月27日（周五）10:00",
        "签约期限至2026年11月28日",
        "签约地点澄园销售中心签约室",
        "¥619,649.52",
        "人民币陆拾壹万玖仟陆佰肆拾玖元伍角贰分",
        "居民身份证",
        "居住证（暂住证）（未办理的请尽快办理）",
        "2026年11月25日",
        "收入证明（加盖公章）",
        "公证授权委托书及代理人身份证",
        "律师面签与签约同时办理",
    ):
        assert words in text, words


@pytest.mark.clause("I-2.1-c")
def test_daily_control_adds_up_and_lists_the_movements():
    form = samples.daily_control()

    text = text_of(forms.print_form("daily_control", form, stamp=STAMP, company=COMPANY))

    assert all(line.adds_up for line in form.lines)
    assert "待售581257" in text
    assert "合计14433144" in text
    assert "17,081.28260,157,858.48" in text
    assert "本日变动共3笔" in text
    assert "已认购→待售TF-CY1-2026-0002退认购陈晓岚−2,288,000.00" in text
    assert "不符的须当日查明" in text
    assert "不符" not in text.replace("不符的须当日查明", "")


def test_daily_control_that_does_not_add_up_says_so():
    wrong = replace(
        samples.daily_control(), lines=(StateLine("待售", 58, 1, 2, 58),), differences=("待售多 1 套。",)
    )

    text = text_of(forms.print_form("daily_control", wrong, stamp=STAMP, company=COMPANY))

    assert "待售581258不符" in text
    assert "1.待售多1套。" in text


def test_deposit_receipt_names_payer_way_account_and_who_took_it():
    text = text_of(
        forms.print_form("deposit_receipt", samples.deposit_receipt(), stamp=STAMP, company=COMPANY)
    )

    for words in (
        "交款人李𬭎",
        "人民币壹拾万元整",
        "¥100,000.00",
        "202611210000123456",
        "本人支付",
        "收款员：吴倩",
    ):
        assert words in text, words


@pytest.mark.clause("I-0-a", "I-0-b", "I-0-c", "I-0-d")
def test_sop_shows_who_compiled_reviewed_and_approved_it_and_from_when_it_holds():
    text = text_of(forms.print_form("sop", samples.sop(), stamp=STAMP, company=COMPANY))

    assert "编制审核批准实施日期" in text
    for words in (
        "陈晓岚",
        "2026年10月8日",
        "何静",
        "2026年10月12日",
        "何志远",
        "2026年10月15日",
        "2026年11月1日",
    ):
        assert words in text, words
    assert "第五部分一3.2" in text
    assert "核对付款方式" in text


def test_sop_draft_leaves_its_control_block_open():
    draft = replace(samples.sop(), reviewed_by=None, approved_by=None, effective_on=None, state="草稿")

    text = text_of(forms.print_form("sop", draft, stamp=STAMP, company=COMPANY))

    assert "1.0（草稿）" in text
    assert text.count("年月日") == 3


def test_flow_chart_is_in_the_sop():
    chart = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60">'
        '<rect width="120" height="40" fill="#fff" stroke="#000"/><text x="10" y="25">签署认购书之图</text></svg>'
    )

    assert "签署认购书之图" in text_of(
        forms.print_form("sop", samples.sop(chart), stamp=STAMP, company=COMPANY)
    )


def test_long_register_repeats_its_head_on_every_page():
    pdf = forms.print_form("register", samples.register(60), stamp=STAMP, company=COMPANY)

    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 2
    assert all("序号认购日期编号买受人" in "".join(page.extract_text().split()) for page in pages)


def test_empty_register_says_that_there_is_nothing():
    empty = replace(samples.register(0), totals=())

    assert "本期没有记录" in text_of(forms.print_form("register", empty, stamp=STAMP, company=COMPANY))


def test_letter_carries_a_receipt_to_sign_on_delivery():
    text = text_of(forms.print_form("letter", samples.letter(), stamp=STAMP, company=COMPANY))

    assert "催签通知书" in text
    assert "送达回执" in text
    assert "签收人" in text
    assert "2026年11月29日" in text


# --- characters ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["李𬭎", "𠮷雪", "㼆", "䶮", "𬀩", "Müller", "阿卜杜拉·买买提", "〇"])
def test_rare_characters_have_a_glyph(name):
    assert typesetting.missing_glyphs(name) == []


@pytest.mark.parametrize(
    "name", ['#eval("1")', "*粗*", "$x$", "<end-0>", "@ref", "\\u{41}", "[x](y)", "//注", "_斜_"]
)
def test_name_is_printed_literally_whatever_it_looks_like(name):
    buyer = replace(samples.LI, name=name, signed=None)

    assert name in text_of(
        forms.print_form("subscription", samples.subscription(buyers=(buyer,)), stamp=STAMP)
    )


def test_character_without_a_glyph_prints_as_its_code_point_and_the_foot_says_so():
    buyer = replace(samples.LI, name="王\U0002a6a5", signed=None)
    form = samples.subscription(buyers=(buyer,))

    text = text_of(forms.print_form("subscription", form, stamp=STAMP))

    assert forms.missing_in(form) == ["\U0002a6a5"]
    assert "王〔U+2A6A5〕" in text
    assert "字库缺字：〔U+2A6A5〕，请手写补正并签章。" in text


def test_invisible_characters_are_left_out():
    buyer = replace(samples.LI, name="辻\U000e0101 宁\u200b", signed=None)
    form = samples.subscription(buyers=(buyer,))

    text = text_of(forms.print_form("subscription", form, stamp=STAMP))

    assert forms.missing_in(form) == []
    assert "辻宁" in text


# --- refusals, batches, threads --------------------------------------------------------------------------------------
def test_unknown_form_and_wrong_data_are_refused():
    with pytest.raises(UnableToPrint, match="表单库里没有「nothing」"):
        forms.print_form("nothing", samples.letter())
    with pytest.raises(UnableToPrint, match="「通知书」的内容不对"):
        forms.print_form("letter", samples.sop())


def test_form_is_found_by_its_number_on_paper_as_well():
    assert forms.form_kind("KF-BD-01") is forms.form_kind("subscription")


def test_sop_app_knows_the_form_library():
    library = {number: title for answer in printed_forms.ask_all() for number, title in answer.items()}

    assert library["KF-BD-01"] == "房产认购书"
    assert library["KF-BD-02"] == "签约预约及所需提供资料表"


def test_batch_counts_the_pages_of_each_form_from_one():
    items = [(samples.letter(), replace(STAMP, number=f"CQ-{n}")) for n in range(3)]

    (pdf,) = forms.print_batch("letter", items, company=COMPANY)

    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == 3
    assert all("第1页共1页" in page for page in pages)
    assert [f"编号CQ-{n}" in page for n, page in enumerate(pages)] == [True, True, True]


@pytest.mark.slow
def test_two_hundred_forms_of_three_pages_take_seconds_not_minutes():
    """`guiju bench` measures a thousand; here a busy machine is forgiven."""
    items = [
        (samples.subscription(deposit=Decimal(10000 + n)), Stamp(by="林晓", at=STAMP.at, qr=STAMP.qr))
        for n in range(200)
    ]
    began = time.process_time()

    sizes = [len(pdf) for pdf in forms.print_batch("subscription", items, company=COMPANY)]

    assert len(sizes) == 2
    assert time.process_time() - began < 60


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_batches_do_not_pile_up_in_memory():
    def megabytes():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20

    def batch(first):
        return [(replace(samples.letter(), number=f"CQ-{first + n}"), STAMP) for n in range(60)]

    list(forms.print_batch("letter", batch(0), company=COMPANY))
    after_one = megabytes()

    for first in range(60, 360, 60):
        list(forms.print_batch("letter", batch(first), company=COMPANY))

    assert megabytes() < after_one + 100


def test_threads_print_at_the_same_time():
    failed = []

    def work():
        try:
            for _ in range(3):
                forms.print_form("letter", samples.letter(), stamp=STAMP, company=COMPANY)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
