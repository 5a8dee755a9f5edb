"""Filled forms with invented people, as the tests print them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from guiju.papers.forms import (
    DISCLOSURES,
    Account,
    Agent,
    AppointmentForm,
    Buyer,
    Column,
    DailyControlForm,
    DepositReceiptForm,
    Desk,
    Discount,
    Home,
    Instalment,
    LetterForm,
    Loan,
    Movement,
    RegisterForm,
    Required,
    RequiredSet,
    Sealed,
    Seller,
    Signed,
    SopClause,
    SopForm,
    SopRevision,
    SopStep,
    Stamp,
    StateLine,
    SubscriptionForm,
    Tick,
)

COMPANY = "归居示范（北京）房地产开发有限公司"
PRINTED_AT = datetime(2026, 11, 21, 2, 26, tzinfo=UTC)
DAY = date(2026, 11, 21)
ESCROW = Account(COMPANY, "示范银行海淀支行（预售资金监管账户）", "1100 0000 0000 0000 001")
STAMP = Stamp(
    by="林晓",
    at=PRINTED_AT,
    qr="https://guiju.example.com/p/ABCDEFGHIJKLMNOP",
    number="RG-CY1-2026-0012",
)

LI = Buyer(
    name="李𬭎",
    sex="男",
    id_number="11010819900101001X",
    born=date(1990, 1, 1),
    phone="199 0000 0001",
    share="50%",
    relation="夫妻，按份共有",
    address="北京市海淀区学院路 30 号 1 号楼 1 单元 101",
    signed=Signed("李𬭎", DAY),
)
YOSHI = Buyer(
    name="𠮷雪",
    sex="女",
    id_number="110108199202020029",
    born=date(1992, 2, 2),
    phone="199 0000 0002",
    share="50%",
    relation="夫妻，按份共有",
    address="同上",
    agent=Agent(
        "王敏", id_number="110108198803030041", phone="199 0000 0003", authority="公证委托书京示证 1 号"
    ),
)


def subscription(**changes: object) -> SubscriptionForm:
    """A flat for two people, with a bank loan and one discount."""
    given: dict[str, object] = {
        "project": "澄园",
        "number": "RG-CY1-2026-0012",
        "seller": Seller(
            COMPANY,
            "北京市海淀区示范路 1 号",
            "91110108MA00TEST0X",
            "建开企〔2021〕0001 号",
            "何志远",
            "010-8600 0000",
        ),
        "buyers": (LI, YOSHI),
        "unit": Home(
            "澄园 1号楼 1单元 1502",
            use="住宅",
            layout="三室两厅两卫",
            orientation="南北",
            floor="15 层（共 18 层）",
            gross_area=Decimal("118.62"),
            inner_area=Decimal("92.31"),
            shared_area=Decimal("26.31"),
        ),
        "permit": "京房售证字（2026）0001 号",
        "list_unit_price": Decimal("20400"),
        "list_total": Decimal("2419848.00"),
        "discounts": (Discount("按时签约优惠 1%", Decimal("24198.48"), "YH-01"),),
        "unit_price": Decimal("20196.00"),
        "total": Decimal("2395649.52"),
        "payment_method": "贷款付款",
        "loan": Loan("商业", "示范银行海淀支行"),
        "plan": (
            Instalment("1", "首期款（含定金）", "2026年11月28日", Decimal("719649.52")),
            Instalment("2", "商业贷款", "竣工备案后放款", Decimal("1676000")),
        ),
        "deposit": Decimal("100000"),
        "deposit_due": DAY,
        "receipt": "DJ-CY1-2026-0012",
        "account": ESCROW,
        "sign_from": date(2026, 11, 22),
        "sign_until": date(2026, 11, 28),
        "sign_place": "澄园销售中心签约室",
        "disclosures": tuple(Tick(label, True) for label in DISCLOSURES),
        "desks": (
            Desk("置业顾问", "已查验证件和购房资格，已向认购人说明本书条款。", Signed("林晓", DAY)),
            Desk("销售总监", "已审核，同意认购。", Signed("周敏", DAY)),
            Desk("客户服务", "已核对销控、单价、付款方式，已登记。"),
            Desk("财务收款员", "已确认定金到账。"),
        ),
    }
    return SubscriptionForm(**(given | changes))  # type: ignore[arg-type]


SEAL = Sealed("合同专用章", "YZ-CY1-2026-0007", DAY, "何静")


def appointment() -> AppointmentForm:
    """Papers of a couple who want a bank loan and send an agent."""
    return AppointmentForm(
        project="澄园",
        number="QY-CY1-2026-0012",
        subscription="RG-CY1-2026-0012",
        buyers="李𬭎、𠮷雪",
        unit="澄园 1号楼 1单元 1502",
        phone="199 0000 0001",
        signing_at=datetime(2026, 11, 27, 2, 0, tzinfo=UTC),
        sign_until=date(2026, 11, 28),
        place="澄园销售中心签约室",
        consultant="林晓",
        clerk="陈晓岚",
        clerk_phone="010-8600 0012",
        payment_method="贷款付款（商业）",
        bring=Decimal("619649.52"),
        bring_for="首期款，已扣定金",
        account=ESCROW,
        bank="示范银行海淀支行",
        sets=(
            RequiredSet(
                "身份与资格资料",
                (
                    Required("居民身份证", "全体买受人", "1", "2", got=True, valid_until=date(2036, 1, 1)),
                    Required("户口本（首页、本人页）", "全体买受人", "1", "2"),
                    Required("结婚证或者婚姻状况声明", "买受人", "1", "2"),
                    Required(
                        "居住证（暂住证）",
                        "外埠买受人",
                        "1",
                        "1",
                        promised=date(2026, 11, 25),
                        note="未办理的请尽快办理",
                    ),
                    Required("购房资格核验结果", "买受人", "1", "1", got=True),
                ),
            ),
            RequiredSet(
                "交易资料",
                (
                    Required("《房产认购书》", "买受人", "1", "—"),
                    Required("定金收据", "买受人", "1", "—"),
                    Required("首期款付款凭证（本人账户）", "买受人", "1", "1"),
                ),
            ),
            RequiredSet(
                "按揭资料",
                (
                    Required("收入证明（加盖公章）", "借款人", "1", "—", promised=date(2026, 11, 26)),
                    Required("近六个月银行流水", "借款人", "1", "—"),
                    Required("征信查询授权书", "借款人", "1", "—"),
                    Required("还款账户储蓄卡", "借款人", "1", "1"),
                ),
            ),
            RequiredSet("代理资料", (Required("公证授权委托书及代理人身份证", "代理人", "1", "2"),)),
        ),
    )


def daily_control() -> DailyControlForm:
    """A day on which two flats were subscribed and one came back."""
    return DailyControlForm(
        project="澄园",
        day=DAY,
        closed_at=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
        lines=(
            StateLine("未推", 36, 0, 0, 36, Decimal("4270.32"), Decimal("0")),
            StateLine("待售", 58, 1, 2, 57, Decimal("6761.34"), Decimal("137931336.00")),
            StateLine("销控保留", 2, 0, 0, 2, Decimal("237.24"), Decimal("4839696.00")),
            StateLine("已锁定", 0, 0, 0, 0, Decimal("0"), Decimal("0")),
            StateLine("已认购", 9, 2, 1, 10, Decimal("1186.20"), Decimal("23956495.20")),
            StateLine("已签约", 15, 0, 0, 15, Decimal("1779.30"), Decimal("35934742.80")),
            StateLine("已备案", 24, 0, 0, 24, Decimal("2846.88"), Decimal("57495588.48")),
        ),
        movements=(
            Movement(
                datetime(2026, 11, 21, 2, 26, tzinfo=UTC),
                "1号楼 1单元 1502",
                "待售",
                "已认购",
                "RG-CY1-2026-0012",
                "林晓",
                Decimal("2395649.52"),
            ),
            Movement(
                datetime(2026, 11, 21, 6, 5, tzinfo=UTC),
                "1号楼 1单元 0903",
                "待售",
                "已认购",
                "RG-CY1-2026-0013",
                "赵宁",
                Decimal("2311200.00"),
            ),
            Movement(
                datetime(2026, 11, 21, 8, 40, tzinfo=UTC),
                "2号楼 2单元 0601",
                "已认购",
                "待售",
                "TF-CY1-2026-0002",
                "陈晓岚",
                Decimal("-2288000.00"),
                "退认购",
            ),
        ),
    )


def deposit_receipt() -> DepositReceiptForm:
    """A deposit paid by transfer from the buyer's own account."""
    return DepositReceiptForm(
        project="澄园",
        number="DJ-CY1-2026-0012",
        received_on=DAY,
        payer="李𬭎",
        buyers="李𬭎、𠮷雪",
        unit="1号楼 1单元 1502",
        subscription="RG-CY1-2026-0012",
        amount=Decimal("100000"),
        account=ESCROW,
        voucher="202611210000123456",
        seller=COMPANY,
        cashier=Signed("吴倩", DAY),
    )


def sop(chart: str = "") -> SopForm:
    """A short SOP in force, with a chart if one is given."""
    return SopForm(
        code="KF-I-5.1",
        version="1.0",
        title="认购审批作业标准书",
        state="现行",
        compiled_by=Signed("陈晓岚", date(2026, 10, 8)),
        reviewed_by=Signed("何静", date(2026, 10, 12)),
        approved_by=Signed("何志远", date(2026, 10, 15)),
        effective_on=date(2026, 11, 1),
        purpose="规范客户认购商品房到签约之前的全过程，保证房源不重复出售，定金到账后方可用印。",
        scope="归居示范（北京）房地产开发有限公司各项目销售部、客户服务部、财务部。",
        steps=(
            SopStep(
                "签署认购书",
                "置业顾问（销售）",
                "第五部分 一 3.1",
                "销售部根据销控情况与客户签署《房产认购书》。",
                "15 分钟",
                ("核对客户证件原件", "出示预售许可证和一房一价公示", "说明加粗条款"),
                "房产认购书 KF-BD-01",
            ),
            SopStep(
                "审核签字",
                "销售总监",
                "第五部分 一 3.1",
                "认购书经销售总监审核签字。",
                "1 工作日",
                ("核对折扣权限",),
            ),
            SopStep(
                "核对登记",
                "客户服务",
                "第五部分 一 3.2",
                "仔细核对销控、单价、付款方式等，登记后及时进行销控登统。",
                "当日",
                ("核对销控", "核对单价", "核对付款方式"),
                "认购登记表",
            ),
            SopStep(
                "确认定金",
                "财务收款员",
                "第五部分 一 3.3",
                "财务收款员签字确认客户已交纳定金。",
                "当日",
                (),
                "定金收据 KF-BD-04",
            ),
            SopStep(
                "加盖合同章",
                "合同章保管",
                "第五部分 一 3.3",
                "定金确认后，在认购书上加盖合同章。",
                "1 工作日",
            ),
        ),
        clauses=(
            SopClause("3.1", "销售部应根据销控情况与客户签署《认购书》，并经销售总监审核签字。"),
            SopClause(
                "3.2",
                "客服部接到《认购书》后，应仔细核对销控、单价、付款方式等，并在登记后及时进行销控登统。",
            ),
            SopClause("3.2.1", "核对结果逐项记录，不符的退回销售部。", 1),
        ),
        chart=chart,
        documents=("销售控制登记程序",),
        forms=("房产认购书（KF-BD-01）", "签约预约及所需提供资料表（KF-BD-02）"),
        kpis=("客户服务到位率 100%",),
        revisions=(SopRevision("1.0", date(2026, 10, 15), "首次发布", "陈晓岚"),),
    )


def register(rows: int = 4) -> RegisterForm:
    """The register of subscriptions, with as many rows as wanted."""
    return RegisterForm(
        title="认购登记表",
        project="澄园",
        period="2026年11月",
        columns=(
            Column("认购日期", 1.1, "centre"),
            Column("编号", 1.6, "centre"),
            Column("买受人", 1.4),
            Column("房号", 1.6),
            Column("建筑面积（㎡）", 1.0, "right"),
            Column("成交总价（元）", 1.4, "right"),
            Column("付款方式", 1.0, "centre"),
            Column("经办", 0.8, "centre"),
        ),
        rows=tuple(
            (
                "2026-11-21",
                f"RG-CY1-2026-{n:04d}",
                "李𬭎、𠮷雪",
                f"1号楼 1单元 {n:02d}02",
                "118.62",
                "2,395,649.52",
                "贷款付款",
                "林晓",
            )
            for n in range(1, rows + 1)
        ),
        totals=("", "", "", "", "474.48", "9,582,598.08", "", ""),
        desks=(Desk("制表"), Desk("审核")),
    )


def letter() -> LetterForm:
    """The reminder to come and sign, one day after the signing window."""
    return LetterForm(
        title="催签通知书",
        number="CQ-CY1-2026-0003",
        to="李𬭎、𠮷雪",
        company=COMPANY,
        written_on=date(2026, 11, 29),
        paragraphs=(
            "您于 2026年11月21日 与我公司签订《房产认购书》（编号：RG-CY1-2026-0012），认购下列房屋，未能在 2026年11月28日 前到场签约。",
            "请您于 2026年12月5日 17:00 前携带《签约预约及所需提供资料表》所列资料到场办理。因故不能按期签约的，请书面说明原因。",
        ),
        facts=(
            ("认购房屋", "澄园 1号楼 1单元 1502"),
            ("成交总价", "¥2,395,649.52"),
            ("已交定金", "¥100,000.00"),
            ("签约地点", "澄园销售中心签约室"),
        ),
        contact="陈晓岚",
        phone="010-8600 0012",
    )


def filled(kind: type) -> Any:
    """A form of any kind with something in every field, lists with one row."""
    hints = get_type_hints(kind)
    return kind(**{part.name: _something(hints[part.name], part.name) for part in fields(kind)})


def _something(hint: Any, name: str) -> Any:
    origin, inner = get_origin(hint), [one for one in get_args(hint) if one is not type(None)]
    if origin in (Union, UnionType):
        return _something(inner[0], name)
    if origin is tuple and Ellipsis not in inner:
        return tuple(_something(one, name) for one in inner)
    if origin in (tuple, list):
        return origin([_something(inner[0], name)] if inner else [])
    if origin is dict:
        return {}
    if is_dataclass(hint):
        return filled(hint)
    known: dict[Any, Any] = {
        str: "" if name in ("code", "chart") or name.endswith(("strokes", "drawing", "svg")) else "卧室外窗渗水", int: 3, bool: True, Decimal: Decimal("12.50"),
        date: date(2026, 11, 20), datetime: datetime(2026, 11, 20, 9, 30, tzinfo=UTC), bytes: b"",
    }  # fmt: skip
    return known[hint]
