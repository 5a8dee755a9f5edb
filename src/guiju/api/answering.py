"""Carrying out an act that a request asks for: once per idempotency key, refusals included."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import orjson
from django.http import Http404, HttpResponse
from ninja import Header
from pydantic import Field

from guiju.api import reading
from guiju.api.access import case_of_act
from guiju.api.door import ApiRequest
from guiju.api.problems import of_refusal, problem, response, written
from guiju.kernel import replies
from guiju.kernel.refusals import Refused

IdempotencyKey = Annotated[
    str | None,
    Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$"),
    Header(
        None, alias="Idempotency-Key", description="同一个值在一天内重复提交，只办一次，答复相同；换了内容则拒绝。"
    ),
]  # fmt: skip


def after(request: ApiRequest, case_id: int | None, at: datetime) -> dict[str, Any]:
    """
    Return the case as it is after an act; with ``Prefer: return=minimal`` only where it stands.

    :raises Http404: the act took the case out of the person's scope.
    """
    case = case_of_act(request.auth, case_id, at)
    if "return=minimal" in request.headers.get("Prefer", ""):
        return {"number": case.number, "state": case.state, "version": case.version}
    return reading.whole(case, by=request.auth, at=at)


def carried_out(
    request: ApiRequest, key: str | None, act: Callable[[], dict[str, Any]], *, status: int, at: datetime
) -> HttpResponse:
    """
    Carry out an act and return its answer with this status; with a key, once a day.

    A refusal is an answer, too: sent again under the same key it reads the same.
    """
    if key is None:
        return _finished(status, written(act()))

    def answered() -> tuple[int, str]:
        try:
            return status, written(act())
        except Refused as refused:
            document = of_refusal(refused)
        except Http404 as absent:
            document = problem(404, str(absent))
        return int(document["status"]), written(document)

    answer = replies.once(
        person_id=request.auth.pk, key=key, request_digest=_digest(request), at=at, act=answered
    )
    made = _finished(answer.status, answer.body)
    if answer.again:
        made["Idempotency-Replayed"] = "true"
    return made


def _finished(status: int, body: str) -> HttpResponse:
    made = response(status, body)
    if status == 201 and (number := orjson.loads(body).get("number")):
        made["Location"] = f"/api/v1/cases/{number}"
    return made


def _digest(request: ApiRequest) -> str:
    said = f"{request.method} {request.path}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()
