"""Hand one message over to a mail server, and say for certain what came of it, or that nobody knows.

A server takes charge of a message by the answer that follows its last line. Cut before, the message may have
arrived or not: that end is « unknown », and nobody but a person may decide to send again.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass

from cantine.config_mail import MailServer

TIMEOUT, LAST_TIMEOUT = 20.0, 60.0
"""Seconds for an answer, and for the one that takes charge of the message."""
ACCEPTED, LATER, NEVER, UNKNOWN = "accepted", "later", "never", "unknown"
GO_ON = 354
WORDS = 300
UNREACHED = "Le serveur d'envoi ne répond pas : {}."
REFUSED_FOR_NOW = "Refusé pour l'instant par le serveur : « {} »."
REFUSED = "Refusé par le serveur : « {} »."
NO_ENTRY = "Le serveur d'envoi refuse la connexion : « {} ». Vérifiez l'utilisateur et le mot de passe."
CUT = "La connexion s'est coupée pendant l'envoi : on ne sait pas si le message est arrivé ({})."


@dataclass(frozen=True)
class Outcome:
    """What came of a message; ``words`` are French and quote the server."""

    kind: str
    words: str = ""


def hand_over(server: MailServer, sender: str, recipient: str, content: bytes) -> Outcome:
    """Send one message whole.

    Args:
        server: where.
        sender: address of the envelope.
        recipient: the only one.
        content: the message, lines ended by CRLF.
    """
    try:
        line = _connect(server)
    except smtplib.SMTPAuthenticationError as error:
        return Outcome(LATER, NO_ENTRY.format(_words(error.smtp_error)))
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(LATER, UNREACHED.format(_reason(error)))
    try:
        return _envelope(line, sender, recipient) or _data(line, content)
    finally:
        line.close()


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    line: smtplib.SMTP
    if server.scheme == "smtps":
        line = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.scheme == "smtp+starttls":
            line.starttls(context=context)
        line.ehlo_or_helo_if_needed()
        if server.user:
            line.login(server.user, server.password)
    except BaseException:
        line.close()
        raise
    return line


def _envelope(line: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
    """Sender, recipient, leave to write; None when all went well. Nothing is sent yet."""
    try:
        for code, answer in (line.mail(sender), line.rcpt(recipient)):
            if code // 100 != 2:  # noqa: PLR2004 -- class of the answer
                return _refusal(code, answer)
        code, answer = line.docmd("DATA")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(LATER, UNREACHED.format(_reason(error)))
    return None if code == GO_ON else _refusal(code, answer)


def _data(line: smtplib.SMTP, content: bytes) -> Outcome:
    """The message and the answer that takes charge of it."""
    body = re.sub(rb"(?m)^\.", b"..", content)
    end = b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n"
    try:
        if line.sock is not None:
            line.sock.settimeout(LAST_TIMEOUT)
        line.send(body + end)
        code, answer = line.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(UNKNOWN, CUT.format(_reason(error)))
    if code // 100 == 2:  # noqa: PLR2004 -- class of the answer
        return Outcome(ACCEPTED)
    return _refusal(code, answer)


def _refusal(code: int, answer: bytes) -> Outcome:
    """4xx: not now. 5xx: never. Anything else is no answer of the protocol, and says nothing."""
    words = f"{code} {_words(answer)}"
    if code // 100 == 4:  # noqa: PLR2004 -- class of the answer
        return Outcome(LATER, REFUSED_FOR_NOW.format(words))
    if code // 100 == 5:  # noqa: PLR2004 -- class of the answer
        return Outcome(NEVER, REFUSED.format(words))
    return Outcome(UNKNOWN, CUT.format(words))


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:WORDS]


def _reason(error: BaseException) -> str:
    """The kind of error: its text may quote what was sent."""
    names = {
        "ConnectionRefusedError": "connexion refusée",
        "gaierror": "serveur introuvable",
        "TimeoutError": "délai dépassé",
        "SMTPServerDisconnected": "connexion coupée",
        "ConnectionResetError": "connexion coupée",
        "SSLCertVerificationError": "certificat refusé",
    }
    name = type(error).__name__
    return names.get(name, name)
