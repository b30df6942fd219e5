"""A real SMTP server on this machine, that answers as a test wants."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from cantine.config_mail import MailServer

ACCEPT, DROP, HANG = "250 OK", "drop", "hang"


class Box:
    """Messages received, and the answers to give: one each, the last one for ever."""

    def __init__(self, *answers: str, recipient: str = ACCEPT) -> None:
        self.answers = list(answers) or [ACCEPT]
        self.recipient = recipient
        self.received: list[bytes] = []
        self.began = threading.Event()

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take the recipient, or say why not."""
        assert (server, session, options) is not None
        if self.recipient == ACCEPT:
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the message, then answer, cut the line, or never answer."""
        assert session is not None
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.received.append(bytes(envelope.content))
        self.began.set()
        if answer == DROP:
            server.transport.abort()
        if answer == HANG:
            await asyncio.sleep(3600)
        return answer

    @property
    def messages(self) -> list[EmailMessage]:
        """What was received, read."""
        return [BytesParser(policy=default).parsebytes(one) for one in self.received]  # type: ignore[misc]


def free_port() -> int:
    """A port nobody listens to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def serving(box: Box, port: int = 0) -> Iterator[MailServer]:
    """The server, for as long as the block lasts."""
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield MailServer("smtp", "127.0.0.1", controller.port)
    finally:
        controller.stop()
