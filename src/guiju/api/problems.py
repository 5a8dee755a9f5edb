"""Refusals as problem documents (RFC 9457): what is missing, by which clause, in words fit for people."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from guiju.kernel.refusals import BadlyFilled, Reason, Refused
from guiju.kernel.replies import KeyUsedForAnotherRequest

log = logging.getLogger(__name__)

JSON, PROBLEM = "application/json", "application/problem+json"
TITLES = {
    400: "请求无法读取",
    401: "请先出示令牌",
    403: "不在你的岗位职责内",
    404: "没有找到",
    405: "不支持这种请求",
    409: "已有人先办了",
    413: "请求太大",
    415: "格式不支持",
    422: "填写有误",
    429: "请求太频繁",
    500: "程序出错",
    503: "暂时繁忙",
}
_encoder = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))
_AS_DJANGO = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_NON_STR_KEYS


def written(content: Any) -> str:
    """Return content as JSON text; half characters, which no text may hold, become question marks."""
    try:
        return orjson.dumps(content, default=_encoder.default, option=_AS_DJANGO).decode()
    except orjson.JSONEncodeError:
        return _encoder.encode(content).encode("utf-8", "replace").decode()


def problem(
    status: int,
    detail: str = "",
    *,
    kind: str = "",
    title: str = "",
    reasons: Sequence[Reason] = (),
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a problem document."""
    document: dict[str, Any] = {
        "type": f"urn:guiju:problem:{kind}" if kind else "about:blank",
        "title": title or TITLES.get(status, "不能办理"),
        "status": status,
        "detail": detail,
    }
    if reasons:
        document["reasons"] = [
            {"text": reason.text, "clause": reason.clause, "kind": reason.kind, "key": reason.key}
            for reason in reasons
        ]
    if errors:
        document["errors"] = dict(errors)
    return document


def of_refusal(refused: Refused) -> dict[str, Any]:
    """Return the problem document of a refusal, naming each need not met and its clause."""
    return problem(
        refused.status, str(refused), kind=_kind(refused), title=refused.title, reasons=refused.reasons,
        errors=refused.errors if isinstance(refused, BadlyFilled) else None,
    )  # fmt: skip


def _kind(refused: Refused) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(refused).__name__).lower()


def response(status: int, body: str, **headers: str) -> HttpResponse:
    """Return a response with a body that is JSON already."""
    return HttpResponse(body, status=status, content_type=PROBLEM if status >= 400 else JSON, headers=headers)


def answer(document: Mapping[str, Any], **headers: str) -> HttpResponse:
    """Return the response of a problem document."""
    return response(int(document["status"]), written(document), **headers)


class TooLarge(Exception):
    """The request is larger than this door takes."""


def teach(api: NinjaAPI) -> None:
    """Tell the API how each exception is answered; an unexpected one goes to the log and says nothing of itself."""

    def refused(request: HttpRequest, exc: Refused) -> HttpResponse:
        return answer(of_refusal(exc))

    def misshapen(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        errors: dict[str, str] = {}
        for error in exc.errors:
            where = [
                str(part) for part in error["loc"] if part not in ("body", "query", "path", "header", "file")
            ]
            errors.setdefault(
                ".".join(where[1:] if where[:1] == ["wanted"] else where) or "body", _sentence(error)
            )
        return answer(problem(422, "；".join(errors.values()), kind="badly-filled", errors=errors))

    def http(request: HttpRequest, exc: HttpError) -> HttpResponse:
        if isinstance(exc.__cause__, Refused):
            return refused(request, exc.__cause__)
        return answer(problem(exc.status_code, "内容应是 JSON 对象" if exc.status_code == 400 else ""))

    def slowed(request: HttpRequest, exc: Throttled) -> HttpResponse:
        wait = max(1, math.ceil(exc.wait or 60))
        return answer(problem(429, f"请 {wait} 秒后再试"), **{"Retry-After": str(wait)})

    def unknown(request: HttpRequest, exc: Exception) -> HttpResponse:
        return answer(problem(401, "令牌缺失、无效或已到期"), **{"WWW-Authenticate": "Bearer"})

    def absent(request: HttpRequest, exc: Http404) -> HttpResponse:
        return answer(problem(404, str(exc)))

    def reused(request: HttpRequest, exc: KeyUsedForAnotherRequest) -> HttpResponse:
        return answer(problem(422, "这个 Idempotency-Key 已用于另一个请求", kind="key-used"))

    def large(request: HttpRequest, exc: Exception) -> HttpResponse:
        return answer(problem(413, "内容太大"))

    def unreadable(request: HttpRequest, exc: Exception) -> HttpResponse:
        return answer(problem(400, "内容读不出来，可能没有传完，或格式与所说的不符"))

    def unstorable(request: HttpRequest, exc: Exception) -> HttpResponse:
        return answer(problem(422, "有的数字或文字超出可以保存的范围", kind="badly-filled"))

    def clash(request: HttpRequest, exc: IntegrityError) -> HttpResponse:
        log.warning("a constraint refused a request: %s", exc)
        return answer(problem(409, "同一件事刚被别人办了，请重新读取后再办", kind="somebody-was-faster"))

    def busy(request: HttpRequest, exc: OperationalError) -> HttpResponse:
        log.warning("the database was busy: %s", exc)
        return answer(problem(503, "数据库繁忙，请稍后再试"), **{"Retry-After": "1"})

    def failed(request: HttpRequest, exc: Exception) -> HttpResponse:
        log.error("request to %s failed", request.path, exc_info=exc)
        return answer(problem(500, "已记入日志"))

    for kind, handler in (
        (Exception, failed), (Refused, refused), (ValidationError, misshapen), (HttpError, http), (Throttled, slowed), (Http404, absent),
        (AuthenticationError, unknown), (KeyUsedForAnotherRequest, reused), (TooLarge, large),
        (RequestDataTooBig, large), (MultiPartParserError, unreadable), (BadRequest, unreadable),
        (SuspiciousOperation, unreadable), (UnreadablePostError, unreadable), (OverflowError, unstorable), (DataError, unstorable), (IntegrityError, clash),
        (OperationalError, busy),
    ):  # fmt: skip
        api.add_exception_handler(kind, handler)  # type: ignore[arg-type]


def _sentence(error: Mapping[str, Any]) -> str:
    kind, context = str(error["type"]), error.get("ctx") or {}
    known = {
        "missing": "必填",
        "extra_forbidden": "没有这一项",
        "string_too_short": "不能为空",
        "string_too_long": f"不能超过 {context.get('max_length')} 个字",
        "string_pattern_mismatch": "格式不对",
        "greater_than_equal": f"不能小于 {context.get('ge')}",
        "less_than_equal": f"不能大于 {context.get('le')}",
        "bool_type": "请填 true 或 false",
        "bool_parsing": "请填 true 或 false",
        "int_type": "请填整数",
        "int_parsing": "请填整数",
        "string_type": "请填文字",
        "dict_type": "应为一组名称和内容",
    }
    name = str(error["loc"][-1]) if error["loc"] else "body"
    return f"{name}：{known.get(kind, '格式不对')}"
