"""What every request shares: the session, the clock, security headers, French error pages, fonts."""

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    session,
)
from flask_wtf.csrf import CSRFError
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as BaseResponse

from cantine.clock import utc_now
from cantine.config import Config
from cantine.errors import CantineError
from cantine.french import FILTERS
from cantine.words import told, word

log = logging.getLogger("cantine")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FONT_FOLDERS = (Path("/usr/share/fonts/opentype/b612"), Path("/usr/share/fonts/truetype/b612"))
FONTS = ("B612-Regular.otf", "B612-Bold.otf")
UPLOAD_LIMIT = 16 * 1024 * 1024
READING = {"GET", "HEAD", "OPTIONS"}
EXPIRED = (
    "La page a attendu trop longtemps. Revenez en arrière, rechargez-la et recommencez : rien n'est perdu."
)
NOT_TEXT = "La saisie contient un caractère invisible qui ne peut pas être enregistré. Retapez-la à la main."
DIGITS = "[0-9]{1,9}"
"""Whole numbers people write: every database holds them."""
MESSAGES = {
    400: (
        "Demande incomprise",
        "La demande n'a pas été comprise. Revenez à la page précédente et recommencez.",
    ),
    403: ("Accès réservé", "Cette page n'est pas pour votre rôle. L'administrateur peut vous l'ouvrir."),
    404: ("Page introuvable", "Cette page n'existe pas, ou plus. Repartez de l'accueil."),
    405: ("Demande incomprise", "Cette adresse ne s'ouvre pas ainsi. Repartez de l'accueil."),
    409: ("Deux personnes en même temps", "Un collègue a changé ceci entre-temps."),
    413: ("Fichier trop lourd", "Le fichier dépasse 16 Mo. Coupez-le en plusieurs parties."),
    422: ("À corriger", "Certaines lignes sont à corriger, rien n'est enregistré."),
    429: (
        "Un moment, s'il vous plaît",
        "Il y a eu beaucoup d'essais en peu de temps. Attendez cinq minutes, puis recommencez.",
    ),
    500: ("Une panne de notre côté", "La page n'a pas pu être faite. Rien n'a été changé. Réessayez."),
}


class ShortInteger(IntegerConverter):
    """A whole number of an address; a longer one is no page."""

    regex = DIGITS


def init_web(app: Flask, engine: Engine) -> None:
    """Sessions per request, filters, headers, error pages and fonts."""
    app.url_map.converters["int"] = ShortInteger
    app.extensions["engine"] = engine
    app.jinja_env.filters.update(FILTERS | {"told": told, "word": word})
    app.before_request(open_session)
    app.before_request(_refuse_nul)
    app.teardown_request(_close_session)
    app.after_request(_secure)
    app.register_error_handler(CantineError, _cantine_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)
    app.add_url_rule("/polices/<name>", "font", font)
    app.add_url_rule("/sante", "health", health)


def settings_of(config: Config) -> dict[str, object]:
    """Flask's settings for ``config``."""
    return {
        "SECRET_KEY": config.secret_key,
        "SESSION_COOKIE_NAME": "cantine",
        "SESSION_COOKIE_SECURE": config.production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": UPLOAD_LIMIT,
        "MAX_FORM_MEMORY_SIZE": UPLOAD_LIMIT,
        "WTF_I18N_ENABLED": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_HEADERS_ENABLED": False,
        "TEMPLATES_AUTO_RELOAD": False,
        "CANTINE": config,
    }


def config() -> Config:
    """The configuration of the running site."""
    return cast(Config, current_app.config["CANTINE"])


def now() -> datetime:
    """The clock of the request, UTC."""
    if "now" not in g:
        g.now = utc_now()
    return cast(datetime, g.now)


def open_session() -> None:
    """``g.session``: reading requests take no write lock."""
    engine: Engine = current_app.extensions["engine"]
    if request.method in READING:
        engine = engine.execution_options(read_only=True)
    g.session = Session(engine, expire_on_commit=False)


def db() -> Session:
    """The session of the request, typed."""
    return cast(Session, g.session)


def kitchen_names() -> Mapping[str, str]:
    """Code and name of every kitchen, told by the house (accounts do not know kitchens)."""
    if "kitchen_names" not in g:
        read: Callable[[Session], Mapping[str, str]] = current_app.extensions["kitchen_names"]
        g.kitchen_names = read(db())
    return cast(Mapping[str, str], g.kitchen_names)


def whole(text: str) -> int:
    """A whole number of an address or a form.

    Raises:
        ValueError: it is none, or it has more than nine digits.
    """
    if not re.fullmatch(DIGITS, text):
        raise ValueError
    return int(text)


def see_other(target: str, message: str | None = None, kind: str = "ok") -> BaseResponse:
    """Redirect after a post (303), with a sentence for the next page."""
    if message:
        flash(message, kind)
    return redirect(target, 303)


def safe_next(target: str | None) -> str | None:
    """``target`` if it is a path of this site, else None."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) < 32 for character in target):  # noqa: PLR2004 -- control characters
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def font(name: str) -> Response:
    """A file of B612 from the system's fonts; without it the page falls back to DejaVu Sans."""
    folder = next((one for one in FONT_FOLDERS if name in FONTS and (one / name).exists()), None)
    if folder is None:
        abort(404)
    return send_from_directory(folder, name, mimetype="font/otf", max_age=31_536_000)


def health() -> str:
    """One word for a supervisor; opens no database."""
    return "ok"


def _refuse_nul() -> None:
    """The one character that PostgreSQL keeps in no text."""
    asked = (*request.args.items(multi=True), *request.form.items(multi=True))
    texts = (*(request.view_args or {}).values(), *(text for pair in asked for text in pair))
    if any("\0" in str(text) for text in texts):
        raise CantineError(NOT_TEXT)


def _close_session(_error: BaseException | None) -> None:
    if "session" in g:
        g.session.close()


def _secure(response: Response) -> Response:
    response.headers.update(HEADERS)
    if config().production:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint not in {"static", "font"}:
        response.headers["Cache-Control"] = "no-store"
    return response


def error_page(status: int, message: str | None = None) -> tuple[str, int]:
    """The French page of an error."""
    title, usual = MESSAGES.get(status, MESSAGES[500 if status >= 500 else 400])  # noqa: PLR2004 -- server errors
    page = render_template(
        "errors/error.html", status=status, title=title, message=message or usual, before=_page_before()
    )
    return page, status


def _page_before() -> str | None:
    """The page of this site that led here, if it is another one."""
    parts = urlsplit(request.referrer or "")
    before = safe_next(parts._replace(scheme="", netloc="", fragment="").geturl())
    same = parts.netloc == request.host and before not in {request.full_path.rstrip("?"), request.path}
    return before if same else None


def _cantine_error(error: CantineError) -> tuple[str, int]:
    return error_page(error.status, error.message)


def _http_error(error: HTTPException) -> BaseResponse | tuple[str, int]:
    if error.code is None or error.code < 400:  # noqa: PLR2004 -- redirections
        return error.get_response()
    return error_page(error.code, EXPIRED if isinstance(error, CSRFError) else None)


def _crash(error: Exception) -> tuple[str, int]:
    """Log where it broke, never the values: they may name people."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s on %s\n%s", type(error).__name__, request.endpoint, where)
    if "session" in g:
        g.session.rollback()
    return error_page(500)


def remember_kitchen(code: str) -> None:
    """The kitchen last looked at opens first next time."""
    if session.get("kitchen") != code:
        session["kitchen"] = code
