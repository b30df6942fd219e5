"""Configuration: frozen, read once from the environment; unsafe values are refused in production."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cantine.config_mail import FROM, PUBLIC, SMTP, Mail, read_mail
from cantine.errors import ConfigError

DEFAULT_HOME = Path("var")
SECRET_LENGTH = 32


@dataclass(frozen=True)
class Config:
    """Where the data lives and how the site is served.

    Attributes:
        home: folder of the database, the files and the plans (``$CANTINE_HOME``, default ``var``).
        database_url: SQLAlchemy address; SQLite in ``home`` unless ``$CANTINE_DATABASE_URL`` is set.
        secret_key: signs sessions; generated once into ``home/secret`` unless ``$CANTINE_SECRET_KEY``.
        production: refuses demo accounts and insecure cookies (``$CANTINE_ENV=production``).
        queue_url: address of the doorbell of long work; empty for the embedded SQLite queue.
        workers: consumers started by ``serve``; 0 when they run elsewhere.
        idle_minutes: minutes before a shared PC is signed out.
        trusted_proxies: reverse proxies in front of the server, whose headers are believed.
        mail: server, sender and public address of outgoing messages (``$CANTINE_SMTP_URL``,
            ``$CANTINE_MAIL_FROM``, ``$CANTINE_PUBLIC_URL``); without a server they wait.
    """

    home: Path
    database_url: str
    secret_key: str
    production: bool = False
    queue_url: str = ""
    workers: int = 1
    idle_minutes: int = 30
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: int = 0
    mail: Mail = field(default_factory=Mail)

    @property
    def public_url(self) -> str:
        """Address of the site as producers reach it: the one given, else this machine's."""
        return self.mail.public_url or f"http://{self.host}:{self.port}"

    @property
    def sqlite_path(self) -> Path | None:
        """File of the SQLite database, None on a server."""
        prefix = "sqlite:///"
        return Path(self.database_url.removeprefix(prefix)) if self.database_url.startswith(prefix) else None


def from_environment(home: Path | None = None) -> Config:
    """Read the environment.

    Raises:
        ConfigError: a value is unsafe in production or cannot be read.
    """
    home = (home or Path(os.environ.get("CANTINE_HOME") or DEFAULT_HOME)).resolve()
    home.mkdir(parents=True, exist_ok=True)
    production = os.environ.get("CANTINE_ENV", "") == "production"
    secret = os.environ.get("CANTINE_SECRET_KEY", "")
    if production and len(secret) < SECRET_LENGTH:
        raise ConfigError(
            "En production, CANTINE_SECRET_KEY doit contenir au moins 32 caractères tirés au hasard."
        )
    return Config(
        home=home,
        database_url=os.environ.get("CANTINE_DATABASE_URL") or f"sqlite:///{home / 'cantine.db'}",
        secret_key=secret or _own_secret(home / "secret"),
        production=production,
        queue_url=os.environ.get("CANTINE_QUEUE_URL", ""),
        workers=_integer("CANTINE_WORKERS", 1),
        host=os.environ.get("CANTINE_HOST", "127.0.0.1"),
        port=_integer("CANTINE_PORT", 8000),
        trusted_proxies=_integer("CANTINE_TRUSTED_PROXIES", 0),
        mail=read_mail(*(os.environ.get(name, "") for name in (SMTP, FROM, PUBLIC)), production=production),
    )


def _integer(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdigit():
        raise ConfigError(f"{name} : « {text} » n'est pas un nombre entier.")
    return int(text)


def _own_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
