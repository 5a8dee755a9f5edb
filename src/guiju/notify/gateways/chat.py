"""企业微信, 钉钉 and 飞书: to a person through the company's own application; to a group only what holds no data.

Plain HTTPS calls of the published interfaces. A ready library for these three speaks to group robots only, and a
group is the wrong place for anything about an owner.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guiju.notify.gateways import Kind, Outgoing, Permanent, Receipt, Setting, Temporary
from guiju.notify.gateways.http import call

#: Answers that mean "later": too fast, busy, token just expired.
_BUSY = {-1, 45009, 45033, 42001, 40014, 88, 90018, 130101, 99991400, 99991663, 99991664, 230020}


def _checked(answer: Mapping[str, Any], field: str) -> None:
    code = answer.get(field)
    if code in (0, "0"):
        return
    said = str(answer.get("errmsg") or answer.get("msg") or "")[:160]
    raise (Temporary if code in _BUSY else Permanent)(f"{code} {said}".strip())


@dataclass(frozen=True)
class _Silent:
    """These interfaces tell nothing later."""

    def receipt(self, outside_key: str, key: UUID) -> Receipt:
        """Nothing is told."""
        return Receipt("waiting")


@dataclass(frozen=True)
class WeCom(_Silent):
    """企业微信 application message to one member; the other side drops the same words within four hours."""

    base: str
    corp: str
    secret: str
    agent: str
    repeatable: bool = True

    def send(self, message: Outgoing) -> str:
        """Send to the member whose key is the address."""
        token = call(
            "GET", f"{self.base}/cgi-bin/gettoken", params={"corpid": self.corp, "corpsecret": self.secret}
        )
        _checked(token, "errcode")
        answer = call(
            "POST", f"{self.base}/cgi-bin/message/send", params={"access_token": token.get("access_token", "")},
            json={
                "touser": message.address, "msgtype": "text", "agentid": self.agent,
                "text": {"content": message.body}, "safe": 0, "enable_duplicate_check": 1,
                "duplicate_check_interval": 14400,
            },
        )  # fmt: skip
        _checked(answer, "errcode")
        if answer.get("invaliduser"):
            raise Permanent("企业微信里没有这个成员，或者应用对他不可见。")
        return str(answer.get("msgid", ""))[:120]


@dataclass(frozen=True)
class DingTalk(_Silent):
    """钉钉 work notice to one user."""

    base: str
    key: str
    secret: str
    agent: str
    repeatable: bool = False

    def send(self, message: Outgoing) -> str:
        """Send to the user whose key is the address."""
        token = call("GET", f"{self.base}/gettoken", params={"appkey": self.key, "appsecret": self.secret})
        _checked(token, "errcode")
        answer = call(
            "POST", f"{self.base}/topapi/message/corpconversation/asyncsend_v2",
            params={"access_token": token.get("access_token", "")},
            json={
                "agent_id": self.agent, "userid_list": message.address,
                "msg": {"msgtype": "text", "text": {"content": message.body}},
            },
        )  # fmt: skip
        _checked(answer, "errcode")
        return str(answer.get("task_id", ""))[:120]


@dataclass(frozen=True)
class Feishu(_Silent):
    """飞书 message of the company's application to one user; our key as ``uuid`` keeps it single for an hour."""

    base: str
    app: str
    secret: str
    repeatable: bool = True

    def send(self, message: Outgoing) -> str:
        """Send to the user whose open id is the address."""
        token = call(
            "POST", f"{self.base}/open-apis/auth/v3/tenant_access_token/internal",
            json={"app_id": self.app, "app_secret": self.secret},
        )  # fmt: skip
        _checked(token, "code")
        answer = call(
            "POST", f"{self.base}/open-apis/im/v1/messages", params={"receive_id_type": "open_id"},
            headers={"Authorization": f"Bearer {token.get('tenant_access_token', '')}"},
            json={
                "receive_id": message.address, "msg_type": "text", "uuid": str(message.key),
                "content": json.dumps({"text": message.body}, ensure_ascii=False),
            },
        )  # fmt: skip
        _checked(answer, "code")
        data = answer.get("data")
        return str(data.get("message_id", "") if isinstance(data, dict) else "")[:120]


@dataclass(frozen=True)
class Robot(_Silent):
    """A robot of a group, of any of the three."""

    url: str
    style: str
    repeatable: bool = False

    def send(self, message: Outgoing) -> str:
        """Say it in the group."""
        feishu = self.style == "feishu"
        said: dict[str, Any] = (
            {"msg_type": "text", "content": {"text": message.body}}
            if feishu
            else {"msgtype": "text", "text": {"content": message.body}}
        )
        answer = call("POST", self.url, json=said)
        _checked(answer, "code" if feishu else "errcode")
        return ""


def _text(config: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    return str(config.get(name, "") or otherwise).rstrip("/")


_BASE = Setting("base", "接口地址", needed=False, help="私有部署时填写，不填为官方地址")
KINDS = {
    "wecom": Kind(
        lambda c: WeCom(
            _text(c, "base", "https://qyapi.weixin.qq.com"),
            _text(c, "corp"),
            _text(c, "secret"),
            _text(c, "agent"),
        ),
        (
            Setting("corp", "企业 ID"),
            Setting("agent", "应用 AgentId"),
            Setting("secret", "应用 Secret", secret=True),
            _BASE,
        ),
    ),
    "dingtalk": Kind(
        lambda c: DingTalk(
            _text(c, "base", "https://oapi.dingtalk.com"),
            _text(c, "key"),
            _text(c, "secret"),
            _text(c, "agent"),
        ),
        (
            Setting("key", "AppKey"),
            Setting("secret", "AppSecret", secret=True),
            Setting("agent", "AgentId"),
            _BASE,
        ),
    ),
    "feishu": Kind(
        lambda c: Feishu(_text(c, "base", "https://open.feishu.cn"), _text(c, "app"), _text(c, "secret")),
        (Setting("app", "App ID"), Setting("secret", "App Secret", secret=True), _BASE),
    ),
    "robot": Kind(
        lambda c: Robot(str(c.get("url", "")), _text(c, "style", "wecom")),
        (
            Setting("url", "机器人地址", secret=True),
            Setting("style", "平台", needed=False, help="wecom、dingtalk 或 feishu，不填为 wecom"),
        ),
    ),
}
