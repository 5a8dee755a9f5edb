"""Pages of filing and of seals: the board with days left, the copy panel, the city's export, the seal register."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Event
from guiju.papers.models import Seal, SealLoan, SealUse
from guiju.sales.models import Filing, Milestone
from tests.stories.conftest import PNG
from tests.stories.signed import contract, opened, seats, vote

HOUR = timedelta(hours=1)


@pytest.fixture
def filing(house, ago):
    """A contract signed 28 days ago whose filing has not begun, in the house at the real time."""
    sealed = house.sealed(at=ago - timedelta(days=29))
    made = contract(
        house, sealed, signed=local_date(ago) - timedelta(days=28), sealed_at=ago - timedelta(days=2)
    )
    return opened(house, "presale_filing", made, "yu", ago - timedelta(days=1)), made


@pytest.mark.clause("I-2.2-a")
def test_a_signed_contract_that_nobody_files_stands_on_the_board_with_its_days(house, ago, visit):
    """Thirty days run from signing, whether or not the contract was sealed and its filing begun."""
    sealed = house.sealed(at=ago - timedelta(days=29))
    made = contract(house, sealed, signed=local_date(ago) - timedelta(days=40))
    page = visit("yu").get(reverse("web:filing")).content.decode()
    assert "已签约、没有登记事项" in page
    assert made.number in page
    assert "已超期 1 份" in page
    assert "合同还没有送审" in page

    approval = opened(house, "contract_approval", made, "deng", ago)
    assert approval.number in visit("yu").get(reverse("web:filing")).content.decode()
    type(made).objects.filter(pk=made.pk).update(sealed_at=ago)
    assert f"?unit={made.deal.unit_id}" in visit("yu").get(reverse("web:filing")).content.decode()
    opened(house, "presale_filing", made, "yu", ago)
    assert "没有登记事项" not in visit("yu").get(reverse("web:filing")).content.decode()


@pytest.mark.clause("I-2.2-a", "I-5.3-5d")
def test_the_board_shows_days_left_and_the_export_is_compared_row_by_row(house, filing, visit):
    case, made = filing
    page = visit("yu").get(reverse("web:filing")).content.decode()
    assert made.number in page
    assert "第 28 天，还剩 2 天" in page
    assert "苏清越" in page
    assert "days-over" in page
    assert case.number not in visit("yu").get(reverse("web:filing") + "?way=filed").content.decode()

    # Identity numbers are masked until they are asked for; asking is recorded.
    buyer = made.deal.buyers.get().customer
    panel = visit("yu").get(reverse("web:filing_copy", args=[case.number])).content.decode()
    assert buyer.identity_number not in panel
    assert panel.index("网签合同号") < panel.index("买受人") < panel.index("总价")
    full = visit("yu").post(reverse("web:filing_copy", args=[case.number]))
    assert buyer.identity_number in full.content.decode()
    assert full["Cache-Control"] == "no-store, private"
    assert Event.objects.filter(step="org.unmask").count() == 1
    assert visit("lin").post(reverse("web:filing_copy", args=[case.number])).status_code == 403

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["合同编号", "购房人", "证件号码", "坐落", "建筑面积", "合同金额", "签订日期"])
    writer.writerow(
        ["WQ1", buyer.name, buyer.identity_number, "1号楼 1单元 1501", "100", "1860000", made.signed_date]
    )
    writer.writerow(["WQ2", "周亦安", "1", "9号楼 909", "90", "1", made.signed_date])
    upload = SimpleUploadedFile("网签.csv", text.getvalue().encode())
    done = visit("yu").post(reverse("web:filing_export"), {"file": upload}).content.decode()
    assert "有差异 1 行，本公司没有 1 行" in done
    assert "总价：合同「1960000.00」，系统「1860000」" in done
    assert len(Filing.objects.get(case=case).differences) == 1
    assert "1 处不一致" in visit("yu").get(reverse("web:filing")).content.decode()
    assert visit("yu").post(reverse("web:filing_export"), {}).status_code == 422

    # The rules of sale and the milestones of a building.
    building = house.units[0].building
    today = local_date(timezone.now())
    where = reverse("web:filing_building", args=[building.pk])
    given = {"kind": Milestone.TOPPED_OUT, "on": today.isoformat(), "proof": "验收记录 1 号"}
    assert visit("lin").post(where, given).status_code == 403
    assert visit("yu").post(where, given).status_code == 302
    assert "已登记主体结构封顶" in visit("yu").post(where, given).content.decode()
    rule = {"act": "regime", "regime": "presale_2026", "on": today.isoformat(), "proof": "示范市通知"}
    assert visit("yu").post(where, rule).status_code == 302
    shown = visit("yu").get(reverse("web:filing_buildings")).content.decode()
    assert "预售（2026 新规）" in shown
    assert "验收记录 1 号" in shown
    assert visit("jiang").get(reverse("web:filing")).status_code == 200


def test_seals_are_used_with_the_number_of_an_approval_lent_and_taken_back(house, visit):
    seal = Seal.objects.get()
    given = {
        "title": "授权委托书",
        "copies": "2",
        "approval": "总经理已批准",
        "reason": "办理网签",
        "across_pages": "on",
    }
    refused = visit("fang").post(reverse("web:seal_use", args=[seal.pk]), given)
    assert (refused.status_code, "请填批准编号" in refused.content.decode()) == (422, True)
    assert (
        visit("wu")
        .post(reverse("web:seal_use", args=[seal.pk]), given | {"approval_number": "SP-7"})
        .status_code
        == 403
    )
    assert (
        visit("fang")
        .post(reverse("web:seal_use", args=[seal.pk]), given | {"approval_number": "SP-7"})
        .status_code
        == 302
    )
    use = SealUse.objects.get()
    assert (use.approval_number, use.across_pages, use.copies) == ("SP-7", True, 2)

    out = {
        "borrower": house.wu.pk, "place": "示范市不动产登记中心", "purpose": "现场签约", "approval_number": "SP-8",
        "companion": "于静", "due": (local_date(timezone.now()) + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    assert visit("fang").post(reverse("web:seal_lend", args=[seal.pk]), out).status_code == 302
    again = visit("fang").post(reverse("web:seal_lend", args=[seal.pk]), out)
    assert "已由吴敏借出" in again.content.decode()
    loan = SealLoan.objects.get()
    page = visit("fang").get(reverse("web:seals")).content.decode()
    assert "外借中" in page
    assert loan.number in page
    assert visit("wu").post(reverse("web:seal_back", args=[loan.pk]), {}).status_code == 403
    assert (
        visit("fang").post(reverse("web:seal_back", args=[loan.pk]), {"note": "完好，用印 1 次"}).status_code
        == 302
    )
    loan.refresh_from_db()
    assert (loan.returned_to, loan.returned_note) == (house.fang, "完好，用印 1 次")
    assert "SP-7" in visit("zhou").get(reverse("web:seals") + "?q=SP-7").content.decode()


@pytest.mark.clause("I-2.1-o")
def test_a_decision_on_paper_is_typed_in_with_its_scan(house, visit, ago):
    made = contract(house, house.sealed(at=ago - timedelta(days=3)), signed=local_date(ago))
    case = opened(house, "contract_approval", made, "deng", ago)
    house.take(
        case,
        "prepare",
        "wu",
        ago,
        price_ok=True,
        identity_ok=True,
        escrow_ok=True,
        permit_ok=True,
        special="无",
    )
    house.take(case, "submit", "wu", ago)
    where = reverse("web:paper_vote", args=[case.number])
    assert "客服经理 周岚" in visit("deng").get(where).content.decode()
    assert where in visit("deng").get(reverse("web:case", args=[case.number])).content.decode()
    given = {"seat": f"cs_manager:{house.zhou.pk}", "decision": "yes", "reason": "同意"}
    assert visit("deng").post(where, given).status_code == 422
    with_scan = given | {"file": SimpleUploadedFile("审批单.png", PNG, "image/png")}
    assert visit("wu").post(where, with_scan).status_code == 403
    with_scan = given | {"file": SimpleUploadedFile("审批单.png", PNG, "image/png")}
    assert visit("deng").post(where, with_scan).status_code == 302
    assert seats(case) == ["finance"]
    assert "补录" in visit("deng").get(reverse("web:case", args=[case.number])).content.decode()
    vote(house, case, "he", timezone.now())
    assert case.state == "approved"
