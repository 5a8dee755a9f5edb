"""E-mail through an SMTP server, with Django's own backend."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from guiju.notify.gateways import PATIENCE, Kind, Outgoing, Permanent, Receipt, Setting, Temporary, Unsure


@dataclass(frozen=True)
class Smtp:
    """An SMTP server and the sender's address. A mail carries our key as Message-ID, so that a copy shows as one."""

    host: str
    port: int
    sender: str
    username: str = ""
    password: str = ""
    security: str = "tls"
    repeatable: bool = False

    def send(self, message: Outgoing) -> str:
        """Send one mail."""
        domain = self.sender.rpartition("@")[2].rstrip(">") or "localhost"
        outside_key = f"<{message.key}@{domain}>"
        mail = EmailMessage(
            subject=" ".join(message.subject.split()),
            body=message.body,
            from_email=self.sender,
            to=[message.address],
            headers={"Message-ID": outside_key, "Auto-Submitted": "auto-generated"},
        )
        connection = EmailBackend(
            host=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.security == "tls",
            use_ssl=self.security == "ssl",
            timeout=PATIENCE,
            fail_silently=False,
        )
        try:
            connection.open()
        except smtplib.SMTPAuthenticationError as error:
            raise Temporary(f"邮件服务器不认账号：{error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Temporary(f"连不上邮件服务器 {self.host}：{type(error).__name__}") from error
        try:
            connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code = max((code for code, _ in error.recipients.values()), default=550)
            raise (Permanent if code >= 500 else Temporary)(f"收件地址被拒：{code}") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise (Permanent if error.smtp_code >= 500 else Temporary)(
                f"邮件被拒：{error.smtp_code}"
            ) from error
        except (ValueError, UnicodeError) as error:
            raise Permanent("收件地址或标题不对。") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unsure(f"邮件服务器断开：{type(error).__name__}") from error
        finally:
            connection.close()
        return outside_key

    def receipt(self, outside_key: str, key: UUID) -> Receipt:
        """SMTP tells nothing later."""
        return Receipt("waiting")


def _make(config: Mapping[str, Any]) -> Smtp:
    port = str(config.get("port", "") or "587")
    return Smtp(
        str(config.get("host", "")),
        int(port) if port.isdigit() else 587,
        str(config.get("sender", "")),
        str(config.get("username", "")),
        str(config.get("password", "")),
        str(config.get("security", "") or "tls"),
    )


KIND = Kind(
    _make,
    (
        Setting("host", "SMTP 服务器"),
        Setting("port", "端口", needed=False, help="不填为 587"),
        Setting("security", "加密方式", needed=False, help="tls（STARTTLS）、ssl 或 none，不填为 tls"),
        Setting("username", "账号", needed=False),
        Setting("password", "密码", secret=True, needed=False),
        Setting("sender", "发件地址", help="例如 客户服务 <service@example.com>"),
    ),
)
