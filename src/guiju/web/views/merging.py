"""合并客户: two entries of one customer side by side, made one with a reason, and taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import Field

from guiju.customers.models import Customer, Merge
from guiju.customers.operations.merging import UnableToMerge, merge, undo
from guiju.kernel.crypto import blind_index, normalise_phone
from guiju.kernel.forms import Form
from guiju.kernel.forms import field as ask
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.process import processes
from guiju.org import posts
from guiju.org.gates import holds_post, require_post
from guiju.org.masking import mask_address, mask_identity, mask_name
from guiju.org.models import Person
from guiju.org.operations.looks import note_look
from guiju.sales.models import DealBuyer
from guiju.web import formats
from guiju.web.access import cases_of, customer_for, customers_of
from guiju.web.sheet import Sheet
from guiju.web.views import asking

MAY_MERGE = (
    posts.CS_CLERK,
    posts.SIGNING_SUPERVISOR,
    posts.ARCHIVIST,
    posts.CS_ASSISTANT_MANAGER,
    posts.CS_MANAGER,
)
AT_MOST = 12
#: Facts that tell whether two entries are one person; the others are only what hangs on them.
TELLING = ("姓名", "类别", "证件号码", "电话", "通讯地址", "邮箱")


class Side(Enum):
    """Which of the two entries stays."""

    label: str

    def __new__(cls, value: str, label: str) -> Side:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    LEFT = "left", "左边这一条"
    RIGHT = "right", "右边这一条"


class MergeForm(Form):
    """合并。"""

    keep: Side = ask("保留", default=Side.LEFT)
    reason: Annotated[str, Field(min_length=2, max_length=400)] = ask(
        "理由", help="凭什么认定是同一位客户，如：本人带身份证来核对"
    )


class UndoForm(Form):
    """Nothing to fill in."""


@dataclass(frozen=True)
class Line:
    """One fact of both entries, and whether they say the same."""

    name: str
    left: str
    right: str

    @property
    def state(self) -> str:
        """same, differs, one of the two is empty; or plain, where two people's facts say nothing about their being one."""
        if self.name not in TELLING:
            return "plain"
        if self.left == self.right:
            return "same"
        return "gap" if formats.NOTHING in (self.left, self.right) else "differs"


def _entry(customer: Customer, at: datetime) -> dict[str, str]:
    deals = DealBuyer.objects.filter(customer=customer).select_related(
        "deal__unit__building", "deal__project"
    )
    homes = [
        f"{one.deal.project.name} {one.deal.unit.label}{'' if one.deal.live else '（已结束）'}"
        for one in deals.order_by("pk")
    ]
    contacts = [f"{one.get_kind_display()} {one.value}" for one in customer.contacts.order_by("pk")]
    today = formats.local(at).date()
    return {
        "姓名": customer.name,
        "类别": customer.get_kind_display(),
        "证件号码": mask_identity(customer.identity_number),
        "电话": formats.phone(customer.phone),
        "其他联系方式": "、".join(contacts),
        "通讯地址": customer.address,
        "邮箱": customer.email,
        "房屋": "、".join(homes),
        "事项": f"{CaseLink.objects.filter(kind='customer', key=customer.pk).count()} 件",
        "来源": customer.source,
        "登记": formats.day(customer.recorded_at, today=today),
    }


def side_by_side(left: Customer, right: Customer, at: datetime) -> list[Line]:
    """Return the facts of two entries beside each other."""
    one, other = _entry(left, at), _entry(right, at)
    return [
        Line(name, one[name] or formats.NOTHING, other[name] or formats.NOTHING)
        for name in one
        if one[name] or other[name]
    ]


def candidates(by: Person, customer: Customer, at: datetime, words: str = "") -> list[Customer]:
    """Return entries that may be the same person: same phone, identity or name; or what was asked for by number or name."""
    where = Q(name=customer.name)
    if customer.phone_index:
        where |= Q(phone_index=customer.phone_index) | Q(contacts__value_index=customer.phone_index)
    if customer.identity_index:
        where |= Q(identity_index=customer.identity_index)
    if words:
        where = Q(name__icontains=words)
        if any(letter.isdigit() for letter in words):
            where |= Q(phone_index=blind_index("phone", normalise_phone(words)))
    same = customers_of(by, at).filter(where, company_id=customer.company_id).exclude(pk=customer.pk)
    return list(same.distinct().order_by("pk")[:AT_MOST])


def merges_of(customer: Customer) -> list[Merge]:
    """Return the merges into a customer, newest first."""
    return list(customer.merges.select_related("folded", "merged_by", "undone_by").order_by("-pk"))


def may_merge(by: Person, at: datetime, company_id: int) -> bool:
    """Whether the person's posts keep customers' files."""
    return holds_post(by, *MAY_MERGE, at=at, company_id=company_id)


def correctable(by: Person, customer: Customer, at: datetime) -> list[Case]:
    """Return the cases in which a fact of this customer can be corrected by the step 更正, with its trace."""
    rows = (
        cases_of(by, at)
        .filter(links__kind="customer", links__key=customer.pk, closed_at=None)
        .order_by("-pk")
    )
    found = []
    for case in rows[:20]:
        process = processes().get(case.process)
        step = process.step("correct") if process is not None else None
        if step is not None and case.state in [state.value for state in step.when]:
            found.append(case)
    return found


def panel(by: Person, customer: Customer, at: datetime, *, masked: bool) -> dict[str, Any]:
    """Return what the customer page says about double entries and corrections."""
    if masked:
        return {"may": False, "candidates": 0, "merges": [], "corrections": []}
    may = may_merge(by, at, customer.company_id)
    return {
        "may": may,
        "candidates": len(candidates(by, customer, at)) if may else 0,
        "merges": merges_of(customer),
        "corrections": correctable(by, customer, at),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@asking.tells_refusals
def combine(request: HttpRequest, key: int) -> HttpResponse:
    """Show an entry beside another one of the same customer, and make them one."""
    at, by = asking.now(), asking.person(request)
    left = customer_for(by, key, at)
    require_post(by, *MAY_MERGE, at=at, company_id=left.company_id)
    wanted = request.GET.get("with", "")
    words = request.GET.get("q", "").strip()[:60]
    if not wanted:
        # Names, numbers and identities of several customers beside each other: one look at a list.
        note_look(by, "list", "customers_alike", at=at, company_id=left.company_id)
        return _choose(request, left, candidates(by, left, at, words), words)
    right = customer_for(by, formats.whole(wanted) or 0, at)
    for one in (left, right):
        note_look(by, "customer", one.pk, at=at, company_id=one.company_id)
    keep = "left" if left.identity_index or not right.identity_index else "right"
    sheet = Sheet(MergeForm, typed={"keep": keep})
    if request.method == "POST":
        given = sheet.take(request)
        if given is not None:
            kept, folded = (left, right) if given.keep is Side.LEFT else (right, left)
            try:
                merge(kept=kept, folded=folded, reason=given.reason, by=by, at=at)
            except UnableToMerge as refused:
                sheet.refuse(refused)
            else:
                messages.success(request, f"已并入{kept.name}，房屋、事项、联系方式都转过来了，可以撤销")
                return redirect("web:customer", kept.pk)
    return render(
        request,
        "web/customer_merge.html",
        {
            "left": left,
            "right": right,
            "lines": side_by_side(left, right, at),
            "sheet": sheet,
            "clash": bool(
                left.identity_index and right.identity_index and left.identity_index != right.identity_index
            ),
        },
        status=sheet.status,
    )


def _choose(request: HttpRequest, left: Customer, found: Sequence[Customer], words: str) -> HttpResponse:
    counts = dict(
        DealBuyer.objects.filter(customer__in=found).values_list("customer").annotate(Count("pk")).order_by()
    )
    return render(
        request,
        "web/customer_merge.html",
        {
            "left": left,
            "right": None,
            "words": words,
            "rows": [
                {
                    "customer": one,
                    "identity": mask_identity(one.identity_number),
                    "address": mask_address(one.address),
                    "homes": counts.get(one.pk, 0),
                    "same": [
                        word
                        for word, index in (
                            ("电话", "phone_index"),
                            ("证件", "identity_index"),
                            ("姓名", "name"),
                        )
                        if getattr(one, index) and getattr(one, index) == getattr(left, index)
                    ],
                    "url": f"{reverse('web:customer_merge', args=[left.pk])}?with={one.pk}",
                }
                for one in found
            ],
        },
    )


@require_POST
@asking.tells_refusals
def separate(request: HttpRequest, key: int, merged: int) -> HttpResponse:
    """Undo a merge: what moved goes back."""
    at, by = asking.now(), asking.person(request)
    customer = customer_for(by, key, at)
    require_post(by, *MAY_MERGE, at=at, company_id=customer.company_id)
    row = Merge.objects.filter(pk=merged, kept=customer).select_related("folded").first()
    if row is None:
        raise Http404("没有这次合并。")
    try:
        undo(merge=row, by=by, at=at)
    except UnableToMerge as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已撤销，{mask_name(row.folded.name)}恢复为单独的一条")
    return redirect("web:customer", key)
