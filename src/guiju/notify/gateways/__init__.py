"""Gateways: small ports through which a message leaves the program, one file per way.

A gateway is told one message and answers with the outside key, or raises what happened. It never retries by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

#: Seconds a gateway may take; a worker waits no longer.
PATIENCE = 10.0


class Temporary(Exception):
    """Not sent, and it may work later."""


class Permanent(Exception):
    """Not sent, and it will not work this way: a wrong number, a refused text, a missing filing."""


class Unsure(Exception):
    """Nobody knows whether it was sent: the line broke after the message was handed over."""


@dataclass(frozen=True)
class Outgoing:
    """What a gateway is told: our own key of the message, the address on its way, the words."""

    key: UUID
    address: str
    subject: str
    body: str
    signature: str = ""
    template_number: str = ""
    values: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Receipt:
    """What the other side says later about a message: ``delivered``, ``failed`` or nothing yet (``waiting``)."""

    state: str
    said: str = ""


class Gateway(Protocol):
    """A way out. ``repeatable``: the other side knows our key, so sending again sends nothing twice."""

    @property
    def repeatable(self) -> bool: ...

    def send(self, message: Outgoing) -> str:
        """Send and return the outside key.

        :raises Temporary: not sent, worth another try.
        :raises Permanent: not sent, not worth another try.
        :raises Unsure: it may have been sent.
        """
        ...

    def receipt(self, outside_key: str, key: UUID) -> Receipt:
        """Ask what became of a message; gateways that cannot tell say ``waiting``."""
        ...


@dataclass(frozen=True)
class Setting:
    """One setting of a gateway, as the page asks for it."""

    name: str
    label: str
    secret: bool = False
    needed: bool = True
    help: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of gateway: how it is made of its settings, and which those are."""

    make: Callable[[Mapping[str, Any]], Gateway]
    settings: tuple[Setting, ...]


def kinds() -> dict[str, Kind]:
    """Return the gateway of every way that has one."""
    from guiju.notify.gateways import chat, mail, sms

    return {"sms": sms.KIND, "email": mail.KIND, **chat.KINDS}
