"""The addresses of the API under /api/v1/. A change that breaks callers is a new version."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from guiju.api import approvals, attachments, cases, problems, shapes, sops, units
from guiju.api.door import Bearer, Careful, PerMinute
from guiju.kernel.refusals import BadlyFilled
from guiju.org.models import Person

REFUSALS = {
    400: "请求不是 JSON",
    401: "没有令牌，或令牌无效",
    403: "不在你的岗位职责内",
    404: "没有，或在你的范围之外",
    409: "已有人先办了",
    413: "内容太大",
    422: "前提未满足，或填写有误",
    429: "请求太频繁",
    503: "暂时繁忙",
}


class Doorkeeper(Bearer):
    """Refuses what no operation asks for: a filter written wrong must not list everything."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """Return the person whose token it is.

        :raises BadlyFilled: the address names something that this operation does not know.
        """
        person = super().authenticate(request, token)
        if person is not None and request.GET:
            known = _asked_for(request)
            if wrong := {name: f"{name[:60]}：没有这一项" for name in request.GET if name not in known}:
                raise BadlyFilled(wrong)
        return person


@cache
def _queries() -> dict[tuple[str, str], frozenset[str]]:
    """Return what each operation takes in its address, by path and method."""
    return {
        (path, method.upper()): frozenset(
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        )
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }


def _asked_for(request: HttpRequest) -> frozenset[str]:
    match = request.resolver_match
    assert match is not None
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route)
    return _queries().get((path, str(request.method)), frozenset())


class Api(NinjaAPI):
    """The API; its description names the refusals that every operation can answer with."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the description, each operation with its refusals as problem documents."""
        described = super().get_openapi_schema(**options)
        problem = shapes.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        known = described.setdefault("components", {}).setdefault("schemas", {})
        known.update(problem.pop("$defs", {}))
        known["Problem"] = problem
        content = {problems.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, text in REFUSALS.items():
                    operation["responses"][status] = {"description": text, "content": content}
        return described


api = Api(
    title="归居 guiju",
    version="1",
    description="事项按作业标准书办理：读一个事项，就知道现在能办什么、办不了的为什么、依据哪一条。",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
    auth=Doorkeeper(),
    throttle=PerMinute(),
    parser=Careful(),
)
problems.teach(api)
for _router in (cases.router, approvals.router, units.router, sops.router, attachments.router):
    api.add_router("", _router)


def _nothing_here(request: HttpRequest) -> HttpResponse:
    return problems.answer(problems.problem(404, "没有这个地址，见 /api/v1/openapi.json"))


_paths, _app, _namespace = api.urls
app_name = _namespace
urlpatterns: list[URLPattern | URLResolver] = [*_paths, re_path(r"^", _nothing_here)]
