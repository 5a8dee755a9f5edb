"""SMS through an operator's HTTP interface.

The port is one JSON call, so that any operator is reached through a few lines of bridge: ``POST url`` with ``id``
(our key), ``phone``, ``signature``, ``template``, ``params`` and ``text``; the answer is ``{"ok": true, "id": …}`` or
``{"ok": false, "retry": bool, "message": …}``. ``GET status_url?id=`` answers ``{"state": "delivered"|"failed"|…}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guiju.notify.gateways import Kind, Outgoing, Permanent, Receipt, Setting, Temporary
from guiju.notify.gateways.http import call


@dataclass(frozen=True)
class HttpSms:
    """An operator behind one address."""

    url: str
    token: str
    status_url: str = ""
    repeatable: bool = False

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def send(self, message: Outgoing) -> str:
        """Send one text; see the module for the port."""
        answer = call(
            "POST",
            self.url,
            headers=self._headers(),
            json={
                "id": str(message.key),
                "phone": message.address,
                "signature": message.signature,
                "template": message.template_number,
                "params": dict(message.values or {}),
                "text": message.body,
            },
        )
        if answer.get("ok") is True:
            return str(answer.get("id") or message.key)[:120]
        said = str(answer.get("message") or "短信网关拒收")[:200]
        raise Temporary(said) if answer.get("retry") is True else Permanent(said)

    def receipt(self, outside_key: str, key: UUID) -> Receipt:
        """Ask the operator, if it can be asked."""
        if not self.status_url:
            return Receipt("waiting")
        answer = call("GET", self.status_url, headers=self._headers(), params={"id": outside_key or str(key)})
        state = str(answer.get("state", ""))
        return Receipt(
            state if state in ("delivered", "failed") else "waiting", str(answer.get("message", ""))[:200]
        )


def _make(config: Mapping[str, Any]) -> HttpSms:
    return HttpSms(
        str(config.get("url", "")),
        str(config.get("token", "")),
        str(config.get("status_url", "")),
        str(config.get("repeatable", "")) in ("1", "True", "true", "on"),
    )


KIND = Kind(
    _make,
    (
        Setting("url", "发送接口地址", help="HTTPS 地址，运营商或自建转接服务"),
        Setting("token", "接口密钥", secret=True, needed=False),
        Setting("status_url", "状态查询地址", needed=False, help="没有就不查送达情况"),
        Setting("repeatable", "接口按流水号去重", needed=False, help="填 1：同一流水号重发不会重复下发"),
    ),
)
