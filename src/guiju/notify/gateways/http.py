"""One HTTP call, with what may go wrong sorted: not handed over, refused, or nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from guiju.notify.gateways import PATIENCE, Permanent, Temporary, Unsure


def call(
    method: str,
    url: str,
    *,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    params: Any = None,
) -> dict[str, Any]:
    """
    Return the JSON object that an address answers with. Follows no redirects.

    :raises Temporary: the other side could not be reached, or is busy (429, 5xx).
    :raises Permanent: it refused (other 4xx), or answered something that is no JSON object.
    :raises Unsure: the line broke after the request went out.
    """
    try:
        with httpx.Client(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client:
            answer = client.request(method, url, json=json, headers=dict(headers or {}), params=params)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Temporary(f"连不上 {_host(url)}：{type(error).__name__}") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Permanent("接口地址不对，请到渠道设置里检查。") from error
    except httpx.HTTPError as error:
        raise Unsure(f"{_host(url)} 没有答复：{type(error).__name__}") from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise Temporary(f"{_host(url)} 暂时不收：{answer.status_code}")
    if answer.status_code >= 300:
        raise Permanent(f"{_host(url)} 拒收：{answer.status_code} {answer.text[:120]}")
    try:
        found = answer.json()
    except ValueError as error:
        raise Unsure(f"{_host(url)} 的答复读不懂") from error
    if not isinstance(found, dict):
        raise Unsure(f"{_host(url)} 的答复读不懂")
    return found


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host or "接口"
    except (httpx.InvalidURL, TypeError):
        return "接口"
