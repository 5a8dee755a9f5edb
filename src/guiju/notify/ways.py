"""The ways in which something reaches somebody. A channel of a company is one of them, with a gateway or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SMS: Final = "sms"
EMAIL: Final = "email"
WECOM: Final = "wecom"
DINGTALK: Final = "dingtalk"
FEISHU: Final = "feishu"
ROBOT: Final = "robot"
INSIDE: Final = "inside"
LETTER: Final = "letter"
FAX: Final = "fax"
TELEPHONE: Final = "telephone"
HAND: Final = "hand"


@dataclass(frozen=True)
class Way:
    """A way: its name, the icon of its row, whether people do it, and what it needs to know of the other side."""

    code: str
    name: str
    icon: str
    by_hand: bool = False
    needs: str = ""
    gateway: bool = False


WAYS: Final[dict[str, Way]] = {
    way.code: way
    for way in (
        Way(SMS, "短信", "message-square", needs="phone", gateway=True),
        Way(EMAIL, "电子邮件", "mail", needs="email", gateway=True),
        Way(WECOM, "企业微信", "message-circle", needs="reach", gateway=True),
        Way(DINGTALK, "钉钉", "message-circle", needs="reach", gateway=True),
        Way(FEISHU, "飞书", "message-circle", needs="reach", gateway=True),
        Way(ROBOT, "群机器人", "bot", gateway=True),
        Way(INSIDE, "站内提醒", "bell"),
        Way(LETTER, "邮寄信函", "mailbox", by_hand=True),
        Way(FAX, "传真", "printer", by_hand=True),
        Way(TELEPHONE, "电话", "phone", by_hand=True),
        Way(HAND, "其他方式", "hand", by_hand=True),
    )
}

#: Ways whose address is a key in another system, kept per person (``Reach``).
PERSONAL: Final = (WECOM, DINGTALK, FEISHU)


def label(code: str) -> str:
    """Return the Chinese name of a way, or the code itself when it is unknown here."""
    return WAYS[code].name if code in WAYS else code
