"""The technical logs hold no personal data: a whole run of the site and of the commands, read back."""

import http.client
import logging
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from sqlmodel import Session, select

from cantine.accounts.models import User
from cantine.db import transaction
from cantine.suppliers.models import Supplier
from tests.cantine.site import OWN, Site
from tests.cantine.test_access import address, rules
from tests.cantine.test_web_serve import COMMAND, answers, free_port, wait_for

LOGIN, NAME, TYPED = "lise.essai@college.example", "Lise Essai-Unique", "saisie-unique"
MAIL, PHONE, ADDRESS = "gerard@ferme.example", "0321987654", "192.0.2.77"
PERSONAL = re.compile(
    "|".join(map(re.escape, (LOGIN, NAME, TYPED, MAIL, PHONE, ADDRESS, "127.0.0.1", "Camille", "lise")))
    + r"|[\w.]+@[\w.]+\.\w+",
    re.IGNORECASE,
)


@pytest.fixture
def lise(site: Site) -> Site:
    """A site with one person and one contact whose words nothing else uses."""
    site.person(("chef", OWN), ("administrateur", ""), ("departement", ""), login=LOGIN, name=NAME)
    with transaction(site.engine) as session:
        session.get_one(Supplier, "primeur").sqlmodel_update({"email": MAIL, "phone": PHONE})
    return site


def test_no_page_logs_a_person(lise: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Every page, asked and posted to, by a person at an address, well or badly; even those that fail."""
    with Session(lise.engine) as session:
        number = session.exec(select(User.id).where(User.login == LOGIN)).one()
    lise.app.view_functions["health"] = crash
    browser = lise.browser(number)
    seen = 0
    with caplog.at_level(logging.DEBUG):
        for rule, method in list(rules(lise)):
            url = address(lise, rule, OWN, 999)
            if url is None or rule.endpoint == "accounts.sign_out":
                continue
            fields = {"login": LOGIN, "password": TYPED, "raison": TYPED, "name": NAME, "q": TYPED}
            browser.open(
                f"{url}?q={TYPED}&retour=/{TYPED}",
                method=method,
                data=fields if method == "POST" else None,
                environ_base={"REMOTE_ADDR": ADDRESS},
            )
            seen += 1
    own = [record for record in caplog.records if not record.name.startswith(("sqlalchemy", "fontTools"))]
    told = "\n".join(f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in own)
    assert seen > 100
    assert "ValueError on health" in told
    assert PERSONAL.findall(told) == []


def crash() -> str:
    """A page that breaks on personal data."""
    raise ValueError(NAME, MAIL)


def test_the_server_and_the_commands_write_nobody_down(lise: Site, tmp_path: Path) -> None:
    """The real processes: signing in well and badly, a lost page, the purge; then their whole output."""
    home, port = lise.app.config["CANTINE"].home, free_port()
    lise.engine.dispose()
    environment = {**os.environ, "CANTINE_HOME": str(home), "CANTINE_PORT": str(port)}
    environment |= {"PYTHONUNBUFFERED": "1"}
    written = tmp_path / "journal-du-serveur"
    with written.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", COMMAND], env=environment, stdout=output, stderr=output
        )
        try:
            wait_for(lambda: answers(port), "the site never answered")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            form = urllib.parse.urlencode({"login": LOGIN, "password": TYPED})
            kind = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": ADDRESS}
            for method, url, body in (
                ("GET", f"/connexion?next=/{TYPED}", None),
                ("POST", "/connexion", form),
                ("GET", f"/{TYPED}", None),
                ("GET", "/cuisines", None),
            ):
                connection.request(method, url, body, kind)
                assert connection.getresponse().read()
        finally:
            server.terminate()
            server.wait()
    purge = [sys.executable, "-m", "cantine", "user", "purge"]
    done = subprocess.run(purge, env=environment, capture_output=True, check=True)
    with written.open("ab") as output:
        output.write(done.stdout + done.stderr)
    told = written.read_text(encoding="utf-8")
    assert "compte" in told
    assert PERSONAL.findall(told) == []
    kept = [path for path in home.rglob("*") if path.is_file() and path.suffix in {".log", ".txt"}]
    assert kept == []
