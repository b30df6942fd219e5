"""A running site, and browsers signed in to it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from sqlalchemy import Engine
from waitress.server import create_server

from tests.cantine.site import PASSWORD, Site, make_site
from tests.conftest import make_config

CHROMIUM = "/usr/bin/chromium"
OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
SizedPage = Callable[..., Page]


@pytest.fixture
def served(home: Path, marais_engine: Engine) -> Iterator[tuple[Site, str]]:
    """The site on a port of this machine, with the tokens of forms."""
    made = make_site(make_config(home), marais_engine, csrf=True)
    server = create_server(made.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield made, f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser, served: tuple[Site, str]) -> Iterator[SizedPage]:
    """Make a page, signed in as a new person with the given right; outside hosts fail the test."""
    site, base = served
    opened: list[BrowserContext] = []
    strangers: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", None}:
            strangers.append(request.url)

    def make(*grants: tuple[str, str], size: dict[str, int] = WIDE, login: str = "camille") -> Page:
        context = chromium.new_context(base_url=base, viewport=size, locale="fr-FR")
        opened.append(context)
        context.on("request", note)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
        if grants:
            site.person(*grants, login=login)
            enter(page, login)
        return page

    yield make
    for context in opened:
        context.close()
    assert strangers == []


def enter(page: Page, login: str) -> None:
    """Sign in through the form."""
    page.goto("/connexion")
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url(lambda url: "/connexion" not in url)
