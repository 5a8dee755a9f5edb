"""The law library (法规库) of disputes: rules of the state that an explanation to a customer may rest on (J-2.11-c).

What a rule says is told in our own words; the text in force is looked up before it is quoted. ``since`` and ``until``
date the rule, so that an old dispute is explained by the rule of its day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Law:
    """A rule: key, name and article, what it says, where it holds from and to."""

    key: str
    name: str
    says: str
    since: date
    until: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


_CODE = date(2021, 1, 1)

LAWS: tuple[Law, ...] = (
    Law("cc509", "民法典 第 509 条", "当事人应当按照约定全面履行自己的义务，并随合同性质通知、协助、保密。", _CODE),
    Law("cc577", "民法典 第 577 条", "一方不履行合同或者履行不符合约定的，要继续履行、采取补救措施或者赔偿损失。", _CODE),
    Law("cc585", "民法典 第 585 条", "可以约定违约金；约定的违约金低于或者过分高于损失的，可以请求增加或者适当减少。", _CODE),
    Law("cc586", "民法典 第 586、587 条", "定金不超过标的额的 20%；给付方违约的不退，收受方违约的双倍返还。", _CODE),
    Law("cc563", "民法典 第 563 条", "不能实现合同目的、迟延履行经催告后在合理期限内仍未履行等，可以解除合同。", _CODE),
    Law("cc497", "民法典 第 496、497 条", "提供格式条款的一方要提示并说明；不合理免除自己责任、加重对方责任的格式条款无效。", _CODE),
    Law("area", "商品房买卖司法解释 面积误差", "误差在 3% 以内的据实结算；超出 3% 的，买受人可以请求解除合同，或者按规则结算差价。", date(2003, 6, 1)),
    Law("advert", "商品房买卖司法解释 广告宣传", "对规划范围内房屋和设施的说明具体确定、对订立合同和定价有重大影响的，视为合同内容。", date(2003, 6, 1)),
    Law("quality", "商品房买卖司法解释 房屋质量", "主体结构质量不合格，或者质量问题严重影响正常居住的，买受人可以请求解除合同；一般质量问题由出卖人修复。", date(2003, 6, 1)),
    Law("late", "商品房买卖司法解释 逾期交房", "迟延交房或者迟延付款，经催告后在三个月的合理期限内仍未履行的，可以请求解除合同，另有约定的除外。", date(2003, 6, 1)),
    Law("title", "商品房买卖司法解释 产权证", "因出卖人原因没有在约定或者规定期限取得产权证的，除另有约定外，出卖人承担违约责任。", date(2003, 6, 1)),
    Law("warranty", "建设工程质量管理条例 第 40 条", "防水渗漏最低保修五年，电气管线、给排水、设备安装和装修两年，供热供冷两个采暖、供冷期。", date(2000, 1, 30)),
    Law("consumer", "消费者权益保护法 第 8、26 条", "消费者有权知悉真实情况；经营者使用格式条款要以显著方式提请注意，并按要求说明。", date(2014, 3, 15)),
    Law("change", "商品房销售管理办法 第 24 条", "经批准的规划、设计变更影响质量或者使用功能的，要在十日内书面通知，买受人有权退房。", date(2001, 6, 1)),
)  # fmt: skip

BY_KEY = {law.key: law for law in LAWS}


def in_force(on: date) -> list[Law]:
    """Return the rules that hold on a day."""
    return [law for law in LAWS if law.in_force(on)]
