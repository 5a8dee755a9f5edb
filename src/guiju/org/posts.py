"""Posts 岗位: the codes that process modules name, with the words the SOP uses for them.

A post is declared here because code names it; who holds it, where, and how many are planned is data (``models``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SALES: Final = "sales"
SALES_DIRECTOR: Final = "sales_director"
SIGNING_SUPERVISOR: Final = "signing_supervisor"
CS_MANAGER: Final = "cs_manager"
CS_ASSISTANT_MANAGER: Final = "cs_assistant_manager"
CS_CLERK: Final = "cs_clerk"
FRONT_DESK: Final = "front_desk"
CASHIER: Final = "cashier"
FINANCE: Final = "finance"
SEAL_KEEPER: Final = "seal_keeper"
ARCHIVIST: Final = "archivist"
GENERAL_MANAGER: Final = "general_manager"
DEPUTY_GM: Final = "deputy_gm"
QUALITY: Final = "quality"
TECHNICIAN: Final = "technician"
REGISTRAR: Final = "registrar"
ADMINISTRATOR: Final = "administrator"
AUDITOR: Final = "auditor"
SERVICE_MANAGER: Final = "service_manager"
FOREMAN: Final = "foreman"
AFTER_SALES: Final = "after_sales"
ONSITE: Final = "onsite"
DELEGATE: Final = "delegate"
INSPECTOR: Final = "inspector"
LEGAL: Final = "legal"

MANAGER, PROFESSIONAL, OTHER = "manager", "professional", "other"


@dataclass(frozen=True)
class PostKind:
    """A post that code may name: code, name, one sentence of what it may do, the post it reports to, and the clause."""

    code: str
    name: str
    may: str
    superior: str | None
    category: str = PROFESSIONAL
    clause: str = ""


POSTS: Final[tuple[PostKind, ...]] = (
    PostKind(
        GENERAL_MANAGER, "总经理", "批准认购变更、重大投诉处理和超出权限的事项。", None, MANAGER, "I-5.2-5g"
    ),
    PostKind(
        DEPUTY_GM, "主管副总", "分管客户服务部，受理经理升级的事项。", GENERAL_MANAGER, MANAGER, "I-4.1-v"
    ),
    PostKind(SALES_DIRECTOR, "销售总监", "审核认购书和认购变更。", GENERAL_MANAGER, MANAGER, "I-5.1-1b"),
    PostKind(SALES, "置业顾问", "与客户办理认购，填写认购书。", SALES_DIRECTOR, PROFESSIONAL, "I-5.1-1a"),
    PostKind(CS_MANAGER, "客服经理", "审批客户服务部事项，查看部门报表。", DEPUTY_GM, MANAGER, "I-4.1-a"),
    PostKind(
        CS_ASSISTANT_MANAGER,
        "经理助理",
        "协助经理管理日常事务，负责选材、房屋变更和投诉。",
        CS_MANAGER,
        MANAGER,
        "I-4.2-a",
    ),
    PostKind(
        SIGNING_SUPERVISOR,
        "签约主管",
        "管理签约组，复核认购和合同。",
        CS_ASSISTANT_MANAGER,
        MANAGER,
        "I-2.6-f",
    ),
    PostKind(
        CS_CLERK,
        "客户服务",
        "核对并登记认购，办理签约、按揭、登记和投诉。",
        CS_MANAGER,
        PROFESSIONAL,
        "I-4.3-a",
    ),
    PostKind(
        REGISTRAR,
        "登记产权",
        "办理预售登记、合同变更和产权证。",
        CS_ASSISTANT_MANAGER,
        PROFESSIONAL,
        "I-3.1-b",
    ),
    PostKind(
        ARCHIVIST,
        "客户档案管理员",
        "保管、借阅和盘点客户档案。",
        CS_ASSISTANT_MANAGER,
        PROFESSIONAL,
        "I-4.4-a",
    ),
    PostKind(
        FRONT_DESK,
        "客服助理（前台）",
        "接待来电、来访和来函，登记服务需求。",
        CS_ASSISTANT_MANAGER,
        OTHER,
        "B-3.1-a",
    ),
    PostKind(LEGAL, "法务", "审查偏离范本的合同条款，出具法律意见。", DEPUTY_GM, PROFESSIONAL, "I-5.5-0a"),
    PostKind(FINANCE, "财务", "核对应收、退款和办证税费。", GENERAL_MANAGER, MANAGER, "I-2.4-g"),
    PostKind(CASHIER, "财务收款员", "确认收款，开具收据。", FINANCE, PROFESSIONAL, "I-5.1-3a"),
    PostKind(SEAL_KEEPER, "合同章保管", "核对后用印，登记用印台账。", DEPUTY_GM, PROFESSIONAL, "I-5.1-3c"),
    PostKind(QUALITY, "质检", "判定质量责任，提出处理意见。", GENERAL_MANAGER, MANAGER, "K-2.1-u"),
    PostKind(INSPECTOR, "检验员", "检验维修和整改结果。", QUALITY, PROFESSIONAL, "K-2.3-d"),
    PostKind(DELEGATE, "技术人员", "受委派到现场诊断和处理质量问题。", QUALITY, PROFESSIONAL, "K-2.3-d"),
    PostKind(
        AFTER_SALES,
        "售后服务人员",
        "接收、诊断、分派、跟进并记录售后事项。",
        CS_MANAGER,
        PROFESSIONAL,
        "C-3.1-i",
    ),
    PostKind(
        SERVICE_MANAGER, "服务中心经理", "管理项目服务中心，审核有偿服务。", DEPUTY_GM, MANAGER, "B-3.3-c"
    ),
    PostKind(FOREMAN, "主管／领班", "与住户商定服务，派工，签领料单。", SERVICE_MANAGER, MANAGER, "B-3.2-j"),
    PostKind(TECHNICIAN, "维修人员", "接单、维修并反馈结果。", FOREMAN, OTHER, "E-2.3-c"),
    PostKind(ONSITE, "上门服务人员", "按约上门，当场记录服务情况。", FOREMAN, OTHER, "H-2.3-h"),
    PostKind(
        ADMINISTRATOR,
        "系统管理员",
        "维护人员、岗位、日历和参数，不办理业务。",
        SIGNING_SUPERVISOR,
        OTHER,
        "I-3.1-j",
    ),
    PostKind(AUDITOR, "审计（只读）", "查看全部记录，不办理任何事项。", GENERAL_MANAGER, PROFESSIONAL, ""),
)

BY_CODE: Final[dict[str, PostKind]] = {kind.code: kind for kind in POSTS}

READ_ONLY: Final[frozenset[str]] = frozenset({AUDITOR})
"""Posts that see and never act; held alone, so that nobody audits what they did."""

WITHOUT_PERSONAL_DATA: Final[frozenset[str]] = frozenset({ADMINISTRATOR, AUDITOR})
"""Posts whose work does not need names, phones and addresses in full (E-4.4-a): they see them masked."""

MAY_ADMINISTER: Final[frozenset[str]] = frozenset({ADMINISTRATOR})

NOT_DELEGATED: Final[frozenset[str]] = READ_ONLY | MAY_ADMINISTER
"""Posts that nobody acts for: auditing stays with the auditor, administration with who was made administrator."""

MAY_APPROVE_EXPORT: Final[frozenset[str]] = frozenset({CS_MANAGER, DEPUTY_GM, GENERAL_MANAGER})
"""Posts that may let personal data leave the program in bulk (DECISIONS 20)."""

MAY_READ_CONFIDENTIAL: Final[frozenset[str]] = frozenset({CS_MANAGER, DEPUTY_GM, GENERAL_MANAGER})
"""Posts that read, print and export whatever is confidential within their scope (E-4.4-b)."""

MAY_CLASSIFY: Final[frozenset[str]] = MAY_READ_CONFIDENTIAL | {
    CS_ASSISTANT_MANAGER,
    SIGNING_SUPERVISOR,
    QUALITY,
}
"""Posts that may make a record or document confidential; only those who read all of them take it back."""


def label(code: str) -> str:
    """Return the Chinese name of the post, or the code itself when the code is unknown here."""
    kind = BY_CODE.get(code)
    return kind.name if kind else code
