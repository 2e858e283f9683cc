"""Every setting of the product, read once from the environment into one frozen object.

Each one is documented for operators in docs/operations.md; a test compares the two.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dispatch.push import crypt


def setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Names are the environment variables in lower case."""

    host: str = setting("127.0.0.1", "address the web server listens on")
    port: int = setting(8000, "port the web server listens on")
    instance_path: str = setting("instance", "folder for the database, uploads, the secret key and logs")
    database_url: str = setting("", "SQLAlchemy URL; empty: SQLite in the instance folder")
    queue_url: str = setting("", "sqlite: or postgresql:// URL of the task queue; empty: SQLite file")
    secret_key: str = setting("", "signs cookies; empty: made once and kept in the instance folder")
    public_url: str = setting("", "address users type, for absolute links; https makes cookies secure")
    trusted_proxies: int = setting(0, "how many reverse proxies stand in front and set X-Forwarded-*")
    default_language: str = setting("fr", "language before somebody has chosen: fr or en")
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    max_upload_mb: int = setting(25, "largest request body in megabytes")
    draft_files: int = setting(40, "most files of one account in forms that were not sent through")
    draft_mb: int = setting(200, "most megabytes of one account in such forms")
    session_hours: int = setting(14, "how long a sign-in lasts")
    carry_hours: int = setting(36, "how long a phone without signal keeps the jobs it carries")
    carry_files_mb: int = setting(10, "most megabytes of attachments that a phone carries")
    sign_in_tries: int = setting(10, "failed sign-ins per address and account in 15 minutes")
    solver_seconds: int = setting(20, "time given to a plan run when nobody says otherwise")
    solver_memory_mb: int = setting(1500, "memory limit of one plan run, with all its processes")
    solver_processes: int = setting(1, "processes that search for one plan at the same time")
    worker_processes: int = setting(
        1, "worker processes of `make run`: plans that are computed at the same time"
    )
    valhalla_url: str = setting(
        "", "address of a Valhalla server for street travel times; empty: great circle"
    )
    map_tiles: str = setting(
        "", "address of street map tiles with {z}, {x} and {y}, for the board's map; empty: a schematic map"
    )
    map_attribution: str = setting("© OpenStreetMap", "who is named below such tiles")
    geocoder_domain: str = setting("data.geopf.fr/geocodage", "host of the BAN geocoder; empty: never asked")
    mail_smtp: str = setting(
        "", "mail server, smtps://user:password@host:465 or smtp://…:587 (STARTTLS); empty: nothing is mailed"
    )
    mail_from: str = setting("", "address that mail comes from; needed with MAIL_SMTP")
    provider_name: str = setting(
        "Dispatch", "name of the company whose technicians come, on reports and mail"
    )
    push_key: str = setting(
        "",
        "private key that signs notifications, base64url; empty: made once and kept in the instance folder",
    )
    push_contact: str = setting(
        "", "mailto: or https: address at which a push service may complain; empty: PUBLIC_URL if it is https"
    )
    push_own_hosts: str = setting(
        "", "host:port of push services in one's own network; all others need a public address"
    )
    push_per_minute: int = setting(6, "most notifications for one phone in a minute; more become one")
    demo: bool = setting(False, "show the demo accounts on the sign-in page")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; a value that cannot be understood raises ValueError naming it."""
        given = {f.name: environ[f.name.upper()] for f in fields(cls) if environ.get(f.name.upper())}
        return cls(**{name: _convert(name, text, getattr(cls(), name)) for name, text in given.items()})

    def __post_init__(self) -> None:
        if self.map_tiles and not all(part in self.map_tiles for part in ("{z}", "{x}", "{y}")):
            raise ValueError(f"MAP_TILES must name {{z}}, {{x}} and {{y}}, not {self.map_tiles!r}")

        if self.mail_smtp and not self.mail_smtp.startswith(("smtp://", "smtps://")):
            raise ValueError("MAIL_SMTP must begin with smtp:// or smtps://")
        if self.mail_smtp and "@" not in self.mail_from:
            raise ValueError(f"MAIL_FROM must be an address, not {self.mail_from!r}")

    @property
    def instance(self) -> Path:
        return Path(self.instance_path).resolve()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force, with the psycopg 3 driver for PostgreSQL."""
        url = self.database_url or f"sqlite:///{self.instance / 'dispatch.db'}"
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def queue(self) -> str:
        return self.queue_url or f"sqlite:///{self.instance / 'queue.db'}"

    @property
    def uploads(self) -> Path:
        return self.instance / "uploads"

    def key(self) -> str:
        """The secret key; made on first use and kept readable by the owner only."""
        if self.secret_key:
            return self.secret_key
        return self._kept("secret-key", lambda: secrets.token_urlsafe(48))

    def push_secret(self) -> str:
        """The private key of notifications; made on first use and kept as the secret key is."""
        return self.push_key or self._kept("push-key", crypt.new_secret)

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        path = self.instance / name
        if not path.exists():
            _write_once(path, make())
        return path.read_text()


def _write_once(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _convert(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        return text.lower() in ("1", "true", "yes", "on")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{name.upper()} must be a whole number, not {text!r}") from None
    return text
