"""Settings of outgoing mail: read from the environment, refused in French when unsafe or unreadable.

A password is never written: neither in a message nor in what Python shows of an object.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from cantine.errors import ConfigError

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
LOCAL = {"localhost", "127.0.0.1", "::1"}
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
SMTP, FROM, PUBLIC = "CANTINE_SMTP_URL", "CANTINE_MAIL_FROM", "CANTINE_PUBLIC_URL"
EXAMPLE = "smtp+starttls://utilisateur:motdepasse@smtp.exemple.fr:587"


@dataclass(frozen=True)
class MailServer:
    """Where messages are handed over; ``scheme`` says how the line is protected."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Mail:
    """Outgoing mail.

    Attributes:
        server: none: messages wait.
        sender: address the messages come from.
        public_url: address of the site as producers reach it, without a slash at the end.
    """

    server: MailServer | None = None
    sender: str = ""
    public_url: str = ""


def is_address(text: str) -> bool:
    """Whether a text is one e-mail address, in plain letters, and nothing more."""
    return ADDRESS.fullmatch(text) is not None


def read_mail(smtp: str, sender: str, public: str, *, production: bool) -> Mail:
    """The settings of the three variables, each empty when it is not set.

    Raises:
        ConfigError: one of them cannot be read or is unsafe, or one is missing beside a server.
    """
    sender, public = sender.strip(), public.strip().rstrip("/")
    if sender and not is_address(sender):
        raise ConfigError(
            f"{FROM} : « {sender[:80]} » n'est pas une adresse. Exemple : commandes@exemple.fr."
        )
    if public:
        _check_public(public, production=production)
    server = _server(smtp.strip(), production=production) if smtp.strip() else None
    if server and not sender:
        raise ConfigError(f"{SMTP} est donné : donnez aussi {FROM}, l'adresse d'où partent les commandes.")
    if server and production and not public:
        raise ConfigError(
            f"{SMTP} est donné : donnez aussi {PUBLIC}, l'adresse du site pour les producteurs."
        )
    return Mail(server, sender, public)


def _server(url: str, *, production: bool) -> MailServer:
    """The server of an address whose text is never repeated: it may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{SMTP} : l'adresse ne se lit pas. Exemple : {EXAMPLE}.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigError(
            f"{SMTP} : écrivez smtp://, smtp+starttls:// ou smtps://, puis le serveur. Exemple : {EXAMPLE}."
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigError(f"{SMTP} : rien après le port. Un mot de passe avec / ou # s'écrit %2F ou %23.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ConfigError(f"{SMTP} : donnez l'utilisateur et son mot de passe, ou aucun des deux.")
    if production and password and parts.scheme == "smtp" and parts.hostname not in LOCAL:
        raise ConfigError(
            f"{SMTP} : en production, un mot de passe ne part pas en clair. Utilisez smtp+starttls:// ou smtps://."
        )
    return MailServer(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)


def _check_public(url: str, *, production: bool) -> None:
    try:
        parts = urlsplit(url)
        readable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        readable = False
    if not readable or parts.query or parts.fragment or parts.username or re.search(r"[\s<>]", url):
        raise ConfigError(
            f"{PUBLIC} : « {url[:80]} » n'est pas une adresse. Exemple : https://cantine.exemple.fr."
        )
    if production and parts.scheme != "https":
        raise ConfigError(f"{PUBLIC} : en production, l'adresse commence par https://.")
