"""The door to the mail server that MAIL_SMTP names."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from flask import current_app

SECONDS = 20
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,253}")
_PORTS = {"smtp": 587, "smtps": 465}


class Trouble(Exception):
    """It was not taken; `for_good`: and never will be, so that it is not tried again."""

    def __init__(self, told: str, for_good: bool = False) -> None:
        super().__init__(told)
        self.for_good = for_good


def is_address(text: str) -> bool:
    """One address and nothing else: no name, no list, no line break."""
    return _ADDRESS.fullmatch(text) is not None


def send(message: EmailMessage) -> None:
    """Hand the message to the mail server. Raises Trouble."""
    server = urlsplit(current_app.config["SETTINGS"].mail_smtp)
    try:
        with _connected(server.scheme, server.hostname or "", server.port or _PORTS[server.scheme]) as smtp:
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, told = next(iter(refused.recipients.values()))
        raise Trouble(f"{code} {_text(told)}", for_good=500 <= code < 600) from None
    except (
        smtplib.SMTPAuthenticationError
    ) as refused:  # somebody has to set it right: meanwhile it is tried again
        raise Trouble(f"{refused.smtp_code} {_text(refused.smtp_error)}") from None
    except smtplib.SMTPResponseException as refused:
        for_good = 500 <= refused.smtp_code < 600
        raise Trouble(f"{refused.smtp_code} {_text(refused.smtp_error)}", for_good) from None
    except (OSError, smtplib.SMTPException) as broken:
        raise Trouble(f"{type(broken).__name__}: {broken}") from None


def _connected(scheme: str, host: str, port: int) -> smtplib.SMTP:
    """Always over TLS, except on this machine itself, where nobody listens in between."""
    tls = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=tls)
    smtp = smtplib.SMTP(host, port, timeout=SECONDS)
    if host not in ("localhost", "127.0.0.1", "::1"):
        smtp.starttls(context=tls)
    return smtp


def _text(told: bytes | str) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else told
