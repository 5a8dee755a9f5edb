"""Approval chains: which seats a request needs, frozen when it is made, and whose turn it is (DECISIONS 5)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from guiju.kernel import ports
from guiju.kernel.crypto import decrypt, encrypt
from guiju.kernel.models import ApprovalRequest, Case
from guiju.kernel.policy import ApprovalSeat
from guiju.kernel.refusals import NotReady

PLACE = "kernel_approvalrequest.body"
_CONDITION = re.compile(r"^\s*(\w+)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?|[\w一-鿿]+)\s*$")


class BadCondition(ValueError):
    """A condition of an approval seat that cannot be read, or names a fact that the step does not give."""


def holds(condition: str | None, facts: Mapping[str, Decimal | int | str]) -> bool:
    """Return whether a seat's condition is met by the facts of the request.

    :raises BadCondition: it cannot be read or its fact is unknown.
    """
    if not condition:
        return True
    match = _CONDITION.match(condition)
    if match is None or match[1] not in facts:
        raise BadCondition(condition)
    left: Any = facts[match[1]]
    right: Any = match[3]
    if not isinstance(left, str):
        try:
            left, right = Decimal(left), Decimal(right)
        except InvalidOperation as error:
            raise BadCondition(condition) from error
    return bool(
        {
            "<": lambda: left < right,
            ">": lambda: left > right,
            "<=": lambda: left <= right,
            ">=": lambda: left >= right,
            "==": lambda: left == right,
            "!=": lambda: left != right,
        }[match[2]]()
    )


@dataclass(frozen=True)
class Approved:
    """The outcome of a chain: the request and who said yes, for the event of the step taken."""

    request: ApprovalRequest
    votes: tuple[tuple[str, int], ...]

    def as_content(self) -> dict[str, Any]:
        """Return what the event says about the approval."""
        return {"request": self.request.pk, "votes": [list(vote) for vote in self.votes]}


def frozen_chain(
    seats: Sequence[ApprovalSeat],
    facts: Mapping[str, Decimal | int | str],
    *,
    requester: int,
    company_id: int,
    project_id: int | None,
    at: datetime,
    apart: Collection[int] = (),
) -> list[dict[str, Any]]:
    """
    Return the seats whose conditions hold, each with a post that somebody other than the requester (or the
    requester's delegates) holds: nobody left → the superior post. ``apart`` decide as little as the requester.

    :raises NotReady: no superior can decide.
    """
    people = ports.people()
    barred = {one for person in (requester, *apart) for one in (person, *people.delegates_of(person, at=at))}
    chain: list[dict[str, Any]] = []
    for seat in seats:
        if not holds(seat.condition, facts):
            continue
        post: str | None = seat.post
        while post is not None:
            holders = set(people.holders(post, company_id=company_id, project_id=project_id, at=at))
            if holders - barred:
                break
            post = people.superior(post)
        if post is None:
            raise NotReady(
                f"审批岗位「{people.post_label(seat.post)}」没有可以审批的人，请先设置岗位人员或上级"
            )
        entry = {"seat": len(chain) + 1, "order": seat.order, "post": post, "asked": seat.post}
        chain.append(entry | ({"apart": sorted(apart)} if apart else {}))
    chain.sort(key=lambda entry: (entry["order"], entry["seat"]))
    return chain


def close_given(given: Mapping[str, Any]) -> bytes:
    """Return what was given with a request, encrypted."""
    return encrypt(json.dumps(given, ensure_ascii=False, default=str), PLACE)


def given_of(request: ApprovalRequest) -> dict[str, Any]:
    """Return what was given with a request."""
    given: dict[str, Any] = json.loads(decrypt(bytes(request.body), PLACE))
    return given


def open_seats(request: ApprovalRequest) -> list[dict[str, Any]]:
    """Return the seats of the order in hand that have not voted in this round."""
    if request.state != ApprovalRequest.PENDING:
        return []
    voted = set(request.votes.filter(round=request.round).values_list("seat", flat=True))
    return [
        entry for entry in request.chain if entry["order"] == request.order and entry["seat"] not in voted
    ]


def next_seats(case: Case) -> dict[tuple[str, str], str]:
    """Return the to-dos of a case that waits for approval: (act, post) -> label."""
    request = ApprovalRequest.objects.get(pk=case.pending_request_id or 0)
    if request.state == ApprovalRequest.RETURNED:
        return {("resubmit", request.chain[0].get("from", "")): "修改后重新申请"}
    return {(f"approve:{entry['seat']}", entry["post"]): "审批" for entry in open_seats(request)}
