"""What the four kinds of registers hold: their fields, the names columns go by, and what a cell of each looks like.

A field is found by its column's name first and by what stands below second. `names` are matched against the whole
heading (without units, brackets and spaces), `parts` against any piece of it; `never` rules a heading out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from guiju.registers import rooms, values
from guiju.registers.workbook import Cell

_ORG_NAME = re.compile(r"公司|集团|中心|合伙|企业|厂|银行|协会|委员会|学校|医院|事务所|合作社")


class Kind(StrEnum):
    """The four registers."""

    UNITS = "units"
    AREAS = "areas"
    CUSTOMERS = "customers"
    COMPLAINTS = "complaints"

    @property
    def label(self) -> str:
        """The register's name as people say it."""
        return {
            Kind.UNITS: "一房一价表",
            Kind.AREAS: "实测面积成果表",
            Kind.CUSTOMERS: "客户台账",
            Kind.COMPLAINTS: "投诉登记表",
        }[self]


def _number(cell: Cell) -> Decimal | None:
    try:
        amount = values.read_amount(cell)
    except values.Unreadable:
        return None
    return amount.yuan if amount else None


def like_building(cell: Cell) -> bool:
    """A building: short, with a number or a letter."""
    text = values.squeezed(cell)
    return (
        0 < len(text) <= 14
        and bool(re.search(r"[\dA-Za-z一二三四五六七八九十甲乙丙丁]", text))
        and not re.search(r"\d{5}", text)
    )


def like_entrance(cell: Cell) -> bool:
    """An entrance: a very short number."""
    return bool(
        re.fullmatch(
            r"第?[\dA-Za-z一二三四五六七八九十甲乙丙丁]{1,3}(单元|门|梯|#|号)?", values.squeezed(cell)
        )
    )


def like_floor(cell: Cell) -> bool:
    """A floor."""
    return rooms.floor_of(cell) is not None


def like_room(cell: Cell) -> bool:
    """A room number or a home's address."""
    return rooms.looks_like_room(cell)


def like_area(cell: Cell) -> bool:
    """An area of a home: 3 to 5,000 ㎡."""
    try:
        area = values.read_area(cell)
    except values.Unreadable:
        return False
    return area is not None and 3 <= area <= 5_000


def like_unit_price(cell: Cell) -> bool:
    """A price per ㎡, in yuan or 万元."""
    number = _number(cell)
    return number is not None and (Decimal("0.1") <= number <= 60 or 500 <= number <= 500_000)


def like_total(cell: Cell) -> bool:
    """A price of a home, in yuan or 万元."""
    number = _number(cell)
    return number is not None and (number >= 10_000 or 5 <= number < 10_000)


def like_money(cell: Cell) -> bool:
    """Any amount."""
    return _number(cell) is not None


def like_name(cell: Cell) -> bool:
    """One or several names of people or companies."""
    text = values.squeezed(cell)
    if _ORG_NAME.search(text):
        return len(text) <= 80
    bare = re.sub(r"\(.*?\)|\d+%|[、,;/&和]", "", text)
    return bool(re.fullmatch(r"[\u3400-\u9fff\U00020000-\U0003ffff·.]{2,24}|[A-Za-z .,'·-]{3,60}", bare))


def like_identity(cell: Cell) -> bool:
    """Identity numbers: 18 or 15 digits, a passport, a credit code."""
    pieces = [piece for piece in re.split(r"[\s/、,;]+", values.plain(cell).upper()) if piece]
    return bool(pieces) and all(
        re.fullmatch(r"\d{17}[\dX]|\d{15}|[A-Z]{1,2}\d{6,9}|[0-9A-Z]{18}|[HMC]\d{8,10}", piece)
        for piece in pieces
    )


def like_share(cell: Cell) -> bool:
    """Shares of a home: 50%, 0.5, 1/2, one or several."""
    parts = re.split(r"[、,;和\s]+", values.plain(cell))
    return all(
        re.fullmatch(r"各?\d{1,3}(\.\d{1,4})?%?|\d/\d{1,2}|共同共有|按份共有|单独所有", part)
        for part in parts
    )


def like_phone(cell: Cell) -> bool:
    """Telephone numbers."""
    try:
        return bool(values.read_phones(cell))
    except values.Unreadable:
        return False


def like_day(cell: Cell) -> bool:
    """A day, with or without its year."""
    try:
        return values.read_day(cell) is not None
    except values.Unreadable:
        return False


def like_text(cell: Cell) -> bool:
    """Anything that is not only a number."""
    return not re.fullmatch(r"-?[\d.,]+", values.squeezed(cell))


def like_sentence(cell: Cell) -> bool:
    """Words: a description of something."""
    return len(re.findall(r"[\u4e00-\u9fff]", values.text_of(cell))) >= 4


def like_anything(cell: Cell) -> bool:
    """No demand."""
    return True


def like_payment(cell: Cell) -> bool:
    """A way of paying."""
    return bool(re.search(r"一次|全款|分期|按揭|贷|组合|公积金", values.squeezed(cell)))


def like_bank(cell: Cell) -> bool:
    """A bank."""
    return bool(re.search(r"行|银|公积金|信用社|农信|农商", values.squeezed(cell)))


def like_nature(cell: Cell) -> bool:
    """A kind of complaint."""
    return bool(re.search(r"质量|服务|非|其他|物业|设计|工程|销售", values.squeezed(cell)))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a register: the name in code, its label, and how its column is known."""

    name: str
    label: str
    names: str
    like: Callable[[Cell], bool]
    parts: str = ""
    never: str = ""
    by_content: bool = False
    """Whether content alone may find it, when no name does."""
    amount: bool = False
    """Whether it is money whose heading may say 万元."""

    def may_be(self, heading: str) -> bool:
        """Return whether nothing in a heading rules this field out."""
        return not (self.never and re.search(self.never, heading))

    def by_name(self, heading: str) -> float:
        """Return how well a heading names this field: 1 exactly, 0.6 in part, 0 not at all."""
        if not heading or not self.may_be(heading):
            return 0.0
        if re.fullmatch(self.names, heading):
            return 1.0
        if self.parts and re.search(self.parts, heading):
            return 0.6
        return 0.0


_BUILDING = Field(
    "building",
    "楼栋",
    r"(所在|所属|坐落)?([楼幢栋座]{1,3}号?|楼号|栋号|幢号|座号|楼幢|楼座|栋座|楼宇|楼栋号|楼幢号|自然幢号?|幢|栋|座|楼|号楼|栋别|楼栋名称|楼宇名称|栋名|楼名|(预售)?证?载?幢号|building|bldg|tower|block|(building|bldg|tower|block)(no\.?|number|name))",
    like_building,
    parts=r"^(楼栋|楼号|栋号|幢号|座号|楼幢)",
    never=r"总|层|单元|房号|室|间|数",
)
_ENTRANCE = Field(
    "entrance",
    "单元",
    r"(所在|所属)?(单元|单元号|单元名称?|门栋|梯号|单元门|门栋号|单元门号|门|门洞|楼门|楼门号|entrance|unit|(entrance|staircase)(no\.?)?)",
    like_entrance,
    parts=r"^单元",
    never=r"价|房号|室|总|数|层",
)
_FLOOR = Field(
    "floor",
    "楼层",
    r"(所在|所属|实际|名义)?(楼层|层|层次|层号|楼层号|楼?层数|floor|(floor|level|storey)(no\.?)?)",
    like_floor,
    never=r"总|层高|共",
)
_ROOM = Field(
    "room",
    "房号",
    r"(所购|购买|认购|签约|业主|投诉|客户|认购的|所在|物业)?(房|房号|房间号?|房屋号|室号?|室|户号?|门牌号?码?|门牌|房源|房源名称|房屋|房产|房间名称|房间编号|房屋编号|房屋名称|房间全称|"
    r"房屋坐落|房产坐落|房屋地址|房产地址|坐落|房屋信息|房间信息|室号部位|户室号|单元号?房号|单元房号|楼栋房号|楼号房号|楼房号|栋号房号|幢号房号|房室号|房源编号|物业单元|单元室|楼栋单元房号|"
    r"栋-单元-室|楼-单元-室|楼号-单元-房号|栋-单元-房号|幢-单元-室|楼栋-单元-房号|楼栋/单元/房号|楼号/单元/房号|栋/单元/室|房屋位置|房号/位置|(room|flat|apartment|apt\.?)(no\.?|number)?|unit(no\.|number)|address)",
    like_room,
    parts=r"^unit$|房号|房间|房屋(坐落|编号|位置)|室号|门牌|楼.*室$|栋.*室$|幢.*室$|坐落",
    never=r"价|面积|用途|类型|性质|总|户型|款|款项|交付|户数|结构|朝向|产权|状态",
)
_NOTE = Field(
    "note",
    "备注",
    r"备注|说明|注|附注|备考|remark|其他|其它|备注说明|remarks|notes?|comments?",
    like_anything,
    parts=r"^备注",
)

_UNITS: tuple[Field, ...] = (
    _BUILDING,
    _ENTRANCE,
    _FLOOR,
    _ROOM,
    Field(
        "layout",
        "户型",
        r"户型(编号|代码|号|图号)?|房型编号|型号|layout|(layout|unit|house)type",
        like_text,
        parts=r"^户型(?!名|结构|面积)",
        never=r"名称|描述|面积|价",
    ),
    Field(
        "layout_name",
        "户型名称",
        r"户型(名称|描述|结构|格局)|房型|居室|格局|室厅|几室几厅|房间结构|户型描述",
        like_text,
        parts=r"户型(名|描述|结构)|房型",
        never=r"编号|面积|价",
    ),
    Field(
        "area",
        "建筑面积",
        r"(预测|预售|暂测|合同|合同约定|规划|备案|总|房屋|产权|套型|预测绘|销售|计价)*(建筑面积|建面|面积|建筑)|建面积|预测面积|面积建筑|房屋面积|销售面积|(gfa|area|grossarea|grossfloorarea|saleablearea|builtuparea)",
        like_area,
        parts=r"建筑面积|建面",
        never=r"套内|分摊|公摊|实测|竣工|价|单价|差|花园|露台|阳台|地下|赠送|室内|款|占地|得房",
    ),
    Field(
        "inner_area",
        "套内建筑面积",
        r"(预测|预售|暂测|合同|合同约定|规划|备案)*(套内(建筑)?(面积)?|面积套内(建筑)?|套内建面|室内面积|专有(建筑)?面积|实用面积|套内使用面积)|(net|inner|internal|usable|carpet)(floor)?area|nia|nfa",
        like_area,
        parts=r"套内(建筑)?面积|套内建面|专有",
        never=r"实测|竣工|价|差|款|分摊|公摊",
    ),
    Field(
        "shared_area",
        "分摊面积",
        r"(预测|预售|暂测|合同)*(分摊|公摊|共有)(建筑)?(面积)?|面积(分摊|公摊)|分摊共有(建筑)?面积|共有分摊(建筑)?面积|公共分摊面积",
        like_area,
        parts=r"分摊|公摊",
        never=r"实测|价|系数|率|款",
    ),
    Field(
        "unit_price",
        "单价",
        r"(建筑|建面|建筑面积|销售|备案|表|公示|申报|标准|毛坯|精装|面积|房屋|商品房|成交|拟售|预售|住宅|挂牌|核定|标价|按建筑面积|预测)*(单价|均价)|单价|单位价格|表价|销售价格|备案价|售价|价格单价|元/m2|(unit|list)?price|(unit)?priceper(sqm|m2)",
        like_unit_price,
        parts=r"单价|均价",
        never=r"套内|总|底|优惠|折后|折|装修|车位|差|套单价|成本|内部|花园",
    ),
    Field(
        "inner_unit_price",
        "套内单价",
        r"(按)?(套内|套内面积|套内建筑面积|套内建筑|室内|专有)(备案|销售|公示|申报)?(单价|均价)|(备案|销售|公示|申报|标准)?单价套内|单价套内面积",
        like_unit_price,
        parts=r"套内.*(单价|均价)|(单价|均价).*套内",
        never=r"总|底|折|差",
    ),
    Field(
        "total",
        "总价",
        r"(房屋|房款|销售|备案|表|公示|申报|标准|标价|毛坯|精装|商品房|挂牌|单套|套|每套|拟售|合同|预售|核定|住宅|整套)*(总价|总价款|总房价|总房款|总金额|总额|房价|价款|房款)|总价格|表价|售价|金额|套价|房价款|总售价|合计(总价|金额)?|备案价|一口价|价格总价|价格|(total|listtotal|total list)?price|total|totalamount",
        like_total,
        parts=r"总价|总房款|总金额|总额",
        never=r"单价|均价|底|优惠|折后|折|装修|车位|储藏|差|花园|成本|内部|最低|税|面积|佣",
        amount=True,
    ),
    Field(
        "use",
        "用途",
        r"(房屋|规划|设计|物业)?(用途|类型|业态|性质)|产品类型|房屋类别|类别|物业类别|use|usage",
        like_text,
        parts=r"用途|业态",
        never=r"土地|价|付款",
    ),
    Field("orientation", "朝向", r"(房屋|户型)?朝向|方位|朝向方位", like_text),
    Field("storey_height", "层高", r"层高|房屋层高", like_anything),
    _NOTE,
)
_CONTRACT = r"(合同(约定)?|约定|预测|预售|暂测|预测绘|原|登记|备案|销售|原预测|网签|签约)"
_MEASURED = r"(实测|竣工|竣工实测|测绘|产权|最终|实际|确权|终测|复测|实测绘|竣工测绘)"
_AREAS: tuple[Field, ...] = (
    _BUILDING,
    _ENTRANCE,
    _FLOOR,
    _ROOM,
    Field(
        "contract_area",
        "合同约定建筑面积",
        rf"{_CONTRACT}(总|房屋)?(建筑面积|建面|面积|建筑|面积建筑|总面积)|建筑面积{_CONTRACT}|面积{_CONTRACT}",
        like_area,
        parts=rf"{_CONTRACT}.*(建筑|建面|面积)",
        never=r"套内|分摊|公摊|实测|竣工|差|价|款|比|率",
    ),
    Field(
        "area",
        "实测建筑面积",
        rf"{_MEASURED}(总|房屋)?(建筑面积|建面|面积|建筑|面积建筑|总面积)|建筑面积{_MEASURED}?|面积{_MEASURED}|总?建筑面积|建面|((as-?built|measured|surveyed|final|actual)(gross)?(floor)?(gfa|area)|gfa|area)",
        like_area,
        parts=rf"{_MEASURED}.*(建筑|建面|面积)",
        never=r"套内|分摊|公摊|合同|约定|预测|预售|暂测|原|差|价|款|比|率",
    ),
    Field(
        "contract_inner_area",
        "合同约定套内面积",
        rf"{_CONTRACT}(面积)?(套内|专有)(建筑)?(面积)?|套内(建筑)?(面积)?{_CONTRACT}",
        like_area,
        parts=rf"{_CONTRACT}.*(套内|专有)|套内.*{_CONTRACT}",
        never=r"实测|竣工|差|价|款|比|率",
    ),
    Field(
        "inner_area",
        "实测套内面积",
        rf"{_MEASURED}(面积)?(套内|专有)(建筑)?(面积)?|套内(建筑)?(面积)?{_MEASURED}?|专有(建筑)?面积",
        like_area,
        parts=rf"{_MEASURED}.*(套内|专有)|套内.*{_MEASURED}",
        never=r"合同|约定|预测|预售|暂测|原|差|价|款|比|率",
    ),
    Field(
        "shared_area",
        "实测分摊面积",
        rf"({_MEASURED})?(面积)?(共有)?(分摊|公摊)(共有)?(建筑)?(面积)?",
        like_area,
        parts=rf"{_MEASURED}.*(分摊|公摊)",
        never=r"合同|约定|预测|预售|暂测|原|差|价|款|系数|率",
    ),
    _NOTE,
)
_FURTHER = r"^(其他)?共(有|同)|配偶|联名人|第[二三2-4]|[2-4二三](姓名|名称|证件|身份证|电话|手机|$)"
_BUYER = r"(买受人|业主|客户|购房人|购房者|产权人|权利人|权益人|认购人)"


def _further(place: int, label: str) -> tuple[Field, ...]:
    """Return the columns of a second or third buyer: 共有人, 买受人2, 身份证号2."""
    digit = rf"[{place}{'一二三'[place - 1]}]"
    shared = rf"(其他)?(共有人|共同{_BUYER}|共同人|联名人)"
    who = rf"({_BUYER}{digit}|第{digit}{_BUYER}|{shared}{place - 1}|{shared + '|配偶' if place == 2 else shared + str(place - 1)})"
    number = r"(身份证|身份证件|证件|有效证件)(号码?)?"
    phone = r"(联系)?(电话|手机|方式)(号码?)?"
    return (
        Field(f"names{place}", label, rf"{who}(姓名|名称|名)?|(姓名|名称){digit}", like_name),
        Field(f"identities{place}", f"{label}证件号码", rf"{who}的?{number}|{number}{digit}", like_identity),
        Field(f"phones{place}", f"{label}电话", rf"{who}的?{phone}|{phone}{digit}", like_phone),
    )


_CUSTOMERS: tuple[Field, ...] = (
    _BUILDING,
    _ENTRANCE,
    _FLOOR,
    _ROOM,
    Field(
        "names",
        "买受人",
        r"((购房|签约|认购|成交)?客户|业主|购房人|买受人|买房人|购房者|认购人|产权人|权利人|权益人|买方|乙方|客户/业主|姓名|名称)[1一]?(姓名|名称|名单|名字)?(/名称|/单位名称|及共有人)?|姓名|业主名|客户名|(owner|buyer|purchaser|customer|client)s?(name)?|(full)?name",
        like_name,
        parts=r"买受人|购房人|认购人|业主(姓名|名)|客户(姓名|名称)|权利人|产权人",
        never=r"电话|手机|证|地址|编号|类型|联系|号码|关系|经办|顾问|销售|代理|来源|性质|备注|数|" + _FURTHER,
        by_content=True,
    ),
    Field(
        "identities",
        "证件号码",
        r"(买受人|客户|业主|购房人|权利人|产权人|认购人)?(身份证|身份证件|证件|有效证件|身份证/信用代码|身份证号码?/?统一社会信用代码|统一社会信用代码|证照|身份|个人/企业证件|证件/信用代码)(号码?|编号|代码)?|(身份证|证件)(号码?)?[/、或及](统一社会)?信用代码|统一社会信用代码|(id|passport|id/passport|identity|idcard)(card)?(no\.?|number)?",
        like_identity,
        parts=r"身份证|证件|信用代码|护照",
        never=r"类型|种类|类别|名称|有效期|地址|到期|复印|" + _FURTHER,
        by_content=True,
    ),
    *_further(2, "共有人"),
    *_further(3, "第三买受人"),
    Field(
        "shares",
        "份额",
        r"(产权|共有|权益|买受人|所占|持有|产权人|按份共有)?(份额|占比|比例|所占份额|占有份额|共有份额|产权比例)|shares?|percentage|ownership",
        like_share,
        parts=r"份额|产权比例|共有比例",
        never=r"首付|首期|付款|贷款|按揭|面积|佣|分摊|折",
    ),
    Field(
        "identity_kind",
        "证件类型",
        r"(买受人|客户|业主)?证件(类型|种类|类别|名称)",
        like_text,
        parts=r"证件(类型|种类|类别|名称)",
    ),
    Field(
        "phones",
        "联系电话",
        r"(买受人|客户|业主|购房人|本人)?(联系电话|联系方式|手机号?码?|电话号?码?|移动电话|联系手机|联络电话|联系号码|手机|电话|联系人电话|通讯方式)|(tel|telephone|phone|mobile|mobilephone|cell|contact)\.?(no\.?|number)?",
        like_phone,
        parts=r"电话|手机|联系方式",
        never=r"顾问|经办|销售|紧急|备用|代理|传真|家庭|住宅|单位|" + _FURTHER,
        by_content=True,
    ),
    Field(
        "address",
        "通讯地址",
        r"(买受人|客户|业主|购房人)?(通讯|联系|通信|邮寄|家庭|邮政|现住|现|居住|身份证|户籍|送达|住|现居住|户口)*(地址|住址|住所)|邮寄地址|((mailing|postal|correspondence|home|contact)address|address)",
        like_sentence,
        parts=r"(通讯|联系|通信|邮寄|家庭|居住|送达).*(地址|住址)",
        never=r"房屋|房产|物业地址|电子|邮箱",
    ),
    Field(
        "subscribed",
        "认购日期",
        r"(认购|认筹转认购|定购|订购|下定|大定|定金|签认购书|认购书|认购签订|小订|成交)(书)?(签订|签署)?(日期|时间|日)|(subscription|booking|reservation|deposit)date",
        like_day,
        parts=r"(认购|定购|订购|下定).*(日期|时间|日)",
        never=r"截止|到期|最晚|应|约定签约|金额|编号",
    ),
    Field(
        "signed",
        "签约日期",
        r"(签约|合同签订|签合同|签订|合同签约|网签|签署|正签|草签|合同签署|买卖合同签订|签订合同|合同|购房合同签订|实际签约)(日期|时间|日)|签约日|((contract|signing)date|datesigned|signed(on)?)",
        like_day,
        parts=r"(签约|签订|网签|签署).*(日期|时间|日)",
        never=r"认购|应|约定|截止|最晚|预计|备案|计划|到期",
    ),
    Field(
        "contract_number",
        "合同编号",
        r"(买卖|购房|销售|网签|商品房买卖|预售|备案|商品房)?合同(备案)?(编号?|号码?|备案号)|网签(编号|号)|合同书编号|合同|备案编号|contract(no\.?|number)?|contractid",
        like_anything,
        parts=r"合同(编)?号|网签.*号",
        never=r"日期|价|款|金额|面积|状态|份",
    ),
    Field(
        "payment",
        "付款方式",
        r"(付款|支付|购房|缴款|交款|付)(方式|类型|形式|方法)|付款方案|贷款方式|购买方式|付款|payment(method|type|terms?)?",
        like_payment,
        parts=r"付款方式|支付方式|付款(类型|方案)",
        never=r"日期|金额|比例",
    ),
    Field(
        "price",
        "成交总价",
        r"(成交|合同|签约|认购|实际|房屋|购房|网签|实收|应收|最终|优惠后|折后|商品房|销售)*(总价|总价款|总房价|总房款|总金额|总额|金额|价格|房价|价款|房款|价|成交价)|总价|总价款|房价总额|房款总额|合同款|成交额|((contract|total|transaction|selling|purchase)(contract|total)?(price|amount)|price|total)",
        like_total,
        parts=r"(成交|合同|签约|房屋|认购).*(总价|总额|金额|价款|房款)|总价|总房款",
        never=r"单|面积|首|贷|定金|按揭|表|标准|原|已|未|欠|差|优惠金|折扣|公积金|已收|付款|税|补|退|备案",
        amount=True,
    ),
    Field(
        "down_payment",
        "首付款",
        r"(首付|首期|首期付|首付房|已付首付|首付/一次性)(款|金额|额|款额|款金额|房款)?|首期款|首付|downpayment(amount)?",
        like_money,
        parts=r"首付|首期",
        never=r"比例|日期|时间|%|率|方式|成|凭证|发票|已|未|欠|应",
        amount=True,
    ),
    Field(
        "loan",
        "贷款金额",
        r"(贷款|按揭|商贷|申请贷款|按揭贷款|商业贷款|应贷|拟贷)(款|金额|额|额度|总额|款金额)?|(loan|mortgage)(amount)?",
        like_money,
        parts=r"(贷款|按揭).*(金额|额)",
        never=r"银行|日期|年限|方式|放|已|机构|公积金|率|期限|情况|资料|状态",
        amount=True,
    ),
    Field(
        "bank",
        "贷款银行",
        r"(按揭|贷款|放款|办理|商贷|经办|合作|承贷|签约|按揭贷款)*(银行|行|机构|银行名称|支行|金融机构)|银行|(mortgage|loan|lending)?bank(name)?",
        like_bank,
        parts=r"(按揭|贷款).*(银行|行$|机构)|贷款行|按揭行",
        never=r"卡|账|号|日期|金额|方式",
    ),
    Field(
        "status",
        "状态",
        r"(客户|交易|房屋|成交|合同|销售|签约|当前|业务)?(状态|成交状态|签约情况|情况)|(deal|sale|contract)?status",
        like_text,
        parts=r"状态",
        never=r"贷款|按揭|备案|回款|付款|资料|婚姻",
    ),
    Field(
        "unit_price", "成交单价", r"(成交|合同|签约|建筑|销售)*(单价|均价)", like_unit_price, parts=r"单价"
    ),
    Field(
        "area",
        "建筑面积",
        r"(合同|建筑|预测|房屋|销售)*(面积|建面)",
        like_area,
        parts=r"面积|建面",
        never=r"套内|差",
    ),
    _NOTE,
)
_COMPLAINTS: tuple[Field, ...] = (
    _BUILDING,
    _ENTRANCE,
    _FLOOR,
    _ROOM,
    Field(
        "received",
        "投诉日期",
        r"(投诉|客诉|登记|受理|来访|来电|来信|接收|接诉|报事|接报|反馈|发生|反映|记录|接待|收件|接到|受理登记|投诉受理)?(日期|时间|日)|受理日|(complaint|received|report(ed)?|call)?(date|time)|date(received|reported)|received(on)?",
        like_day,
        parts=r"(投诉|客诉|登记|受理|接诉|接报|接待).*(日期|时间)",
        never=r"办结|完成|结案|处理|回访|关闭|解决|期限|限|应|回复|完结|闭环|销案",
    ),
    Field(
        "channel",
        "来源",
        r"(投诉|客诉|信息|受理|来访|反映|接收|投诉受理)?(来源|渠道|方式|途径|形式)|来源渠道|投诉来源|channel|source",
        like_text,
        parts=r"(投诉|受理|信息).*(来源|渠道|方式|途径)",
        never=r"处理|付款|联系|回访",
    ),
    Field(
        "complainant",
        "投诉人",
        r"(业主|投诉人|客户|投诉业主|投诉客户|住户|姓名|反映人|来电人|来访人|报事人|联系人|投诉者|户主|业户|顾客|投诉方|客诉人)(姓名|名称|名)?|姓名|(customer|owner|complainant|caller|name|client|resident)(name)?",
        like_name,
        parts=r"投诉人|业主(姓名|名)|客户(姓名|名称)|反映人|报事人",
        never=r"电话|手机|处理|接待|责任|经办|受理|记录|意见|满意|签|房|要求|诉求|类",
    ),
    Field(
        "phones",
        "联系电话",
        r"(业主|投诉人|客户|联系人|住户)?(联系电话|联系方式|手机号?码?|电话号?码?|移动电话|联络电话|手机|电话|来电号码)|(tel|telephone|phone|mobile|contact)\.?(no\.?|number)?",
        like_phone,
        parts=r"电话|手机|联系方式",
        never=r"责任|处理|经办|受理",
        by_content=True,
    ),
    Field(
        "content",
        "投诉内容",
        r"(投诉|客诉|反映|主要|问题|客户|诉求|业主|报事|报修|反馈|来电|来访|投诉的)*(内容|事项|问题|描述|诉求|情况|事由|摘要|投诉事项|详情|反映|概述)|情况(描述|说明|反映)|(问题|内容|事项|投诉|客诉)(描述|详情|概要|说明)|complaint(s|details?|content|description)?|description|issue|details?|problem",
        like_sentence,
        parts=r"(投诉|客诉)(内容|事项|问题|事由|描述)|问题描述|反映(内容|问题|情况)|诉求",
        never=r"处理|结果|分类|类别|性质|类型|日期|电话|满意|回访|意见|级",
    ),
    Field(
        "nature",
        "性质",
        r"(投诉|客诉|问题|事项|诉求)?(性质|类别|类型|分类|种类|归类)|是否质量(问题)?|category|type|nature",
        like_nature,
        parts=r"(投诉|问题).*(性质|类别|类型|分类)",
        never=r"房屋|物业",
    ),
    Field(
        "department",
        "责任部门",
        r"(责任|主责|处理|承办|受理|经办|负责|相关|责任归属|归属|对应|主办|转办)*(部门|单位|归属|方|责任方|专业)|责任部门/?人?|责任人|(responsible)?(department|dept\.?)",
        like_text,
        parts=r"(责任|承办|处理|主责).*(部门|单位|方)",
        never=r"意见|结果|施工单位名",
    ),
    Field(
        "opinion",
        "处理意见",
        r"(处理|处置|解决|整改|跟进|回复|初步|拟办|办理|部门)*(意见|措施|方案|过程|方法|经过|办法|记录|建议)|跟进情况|处理情况|处理方式|处理|处理进展|action(taken|s)?|follow-?up|handling",
        like_text,
        parts=r"处理(意见|措施|方案|过程|方式|情况)|整改措施|解决方案",
        never=r"结果|日期|时间|满意|业主|客户|人|部门",
    ),
    Field(
        "result",
        "处理结果",
        r"(处理|办理|最终|处置|解决|办结|投诉)*(结果|状态|结论|结案情况|进度|完成情况|办结情况|解决情况|关闭状态|闭环情况)|是否(解决|办结|关闭|完成|结案|闭环|处理完(成|毕)?)|当前状态|状态|status|result|outcome|resolved|closed",
        like_text,
        parts=r"处理结果|办理结果|(处理|办理)状态|是否(办结|解决|关闭|完成)",
        never=r"日期|时间|满意|回访",
    ),
    Field(
        "closed",
        "办结日期",
        r"(办结|完成|结案|处理完成|处理完毕|关闭|解决|处理|完结|销案|闭环|整改完成|实际完成|处理结束|办理完成|回复)(日期|时间|日)|(clos(ed|ing)|completion|completed|resolved|resolution)date|dateclosed",
        like_day,
        parts=r"(办结|完成|结案|关闭|解决|闭环).*(日期|时间)",
        never=r"要求|计划|预计|期限|应|承诺|限",
    ),
    Field(
        "satisfaction",
        "满意度",
        r"(客户|业主|回访|处理|投诉人|是否|回访结果)*(满意度|满意|满意程度|满意情况|评价|满意度评价|满意度回访|回访满意度|回访结果)|satisfaction",
        like_text,
        parts=r"满意|评价",
        never=r"日期|时间|率|原因",
    ),
    _NOTE,
)
FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.UNITS: _UNITS,
    Kind.AREAS: _AREAS,
    Kind.CUSTOMERS: _CUSTOMERS,
    Kind.COMPLAINTS: _COMPLAINTS,
}
NEEDED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.UNITS: (("room",), ("area", "inner_area"), ("total", "unit_price", "inner_unit_price")),
    Kind.AREAS: (("room",), ("area", "inner_area")),
    Kind.CUSTOMERS: (("room",), ("names",), ("identities",)),
    Kind.COMPLAINTS: (("received",), ("content",), ("room", "complainant")),
}
"""For each kind, groups of fields of which at least one must be found."""


def field_of(kind: Kind, name: str) -> Field:
    """Return the field of a kind by its name in code."""
    return next(known for known in FIELDS[kind] if known.name == name)
