"""Pages of one's own account: sign-in, password, own data, drafts. People are in admin.py."""

import json

from flask import Blueprint, Response, flash, jsonify, render_template, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.accounts import admin, drafts, guard, journal, people, privacy
from cantine.accounts.forms import PasswordForm, SignInForm
from cantine.errors import CantineError
from cantine.french import moment

blueprint = Blueprint("accounts", __name__)
admin.register(blueprint)
limiter = Limiter(get_remote_address)
"""Counts failed sign-ins, per address (a whole collège shares one) and per login."""


def _login_typed() -> str:
    return request.form.get("login", "").strip().lower()[:200]


def _failed(response: BaseResponse) -> bool:
    return response.status_code != 303  # noqa: PLR2004 -- a sign-in that worked redirects


@blueprint.route("/connexion", methods=["GET", "POST"])
@limiter.limit("60 per 5 minutes", methods=["POST"], deduct_when=_failed)
@limiter.limit("6 per 5 minutes", methods=["POST"], deduct_when=_failed, key_func=_login_typed)
def sign_in() -> str | BaseResponse:
    """Sign in; the same sentence whether the login or the password is wrong."""
    form = SignInForm()
    target = web.safe_next(request.args.get("next"))
    if guard.person_or_none() and request.method == "GET":
        return web.see_other(target or "/")
    if form.validate_on_submit():
        user = people.authenticate(
            web.db(), form.login.data, form.password.data, now=web.now(), production=web.config().production
        )
        if user:
            drafts.forget_old(web.db(), now=web.now())
            web.db().commit()
            guard.enter(user)
            _offer_drafts(user.id or 0)
            return web.see_other(target or "/")
        form.password.errors = ["Identifiant ou mot de passe inconnu. Vérifiez les majuscules."]
    return render_template("accounts/sign_in.html", form=form)


@blueprint.post("/deconnexion")
def sign_out() -> BaseResponse:
    """Sign out."""
    guard.leave()
    return web.see_other(url_for("accounts.sign_in"), "Vous êtes déconnecté.")


@blueprint.route("/mot-de-passe", methods=["GET", "POST"])
def password() -> str | BaseResponse:
    """Change one's own password; forced at the first sign-in."""
    someone = guard.person()
    form = PasswordForm(someone.login)
    if form.validate_on_submit():
        if people.verify(web.db(), someone.id, form.old.data):
            user = people.change_password(web.db(), someone.id, form.new.data)
            web.db().commit()
            guard.enter(user)
            return web.see_other("/", "Mot de passe changé. Vos autres appareils sont déconnectés.")
        form.old.errors = ["Ce n'est pas votre mot de passe actuel."]
    return render_template("accounts/password.html", form=form, shortest=people.SHORTEST)


@blueprint.get("/mon-compte")
def me() -> str:
    """One's own account: roles, drafts, rights."""
    someone = guard.person()
    return render_template(
        "accounts/me.html",
        grants=[(guard.ROLE_WORDS[role], place) for role, place in sorted(someone.grants)],
        kitchen_names=web.kitchen_names(),
        drafts=drafts.waiting(web.db(), someone.id),
    )


@blueprint.get("/mes-donnees.json")
def my_data() -> Response:
    """Everything kept about the person, to take away."""
    content = json.dumps(privacy.export(web.db(), guard.person().id), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": "attachment; filename=mes-donnees.json"}
    return Response(content, mimetype="application/json", headers=headers)


@blueprint.get("/donnees-personnelles")
def privacy_notice() -> str:
    """The notice: purpose, retention, rights."""
    return render_template("accounts/privacy.html", retention=privacy.RETENTION)


@blueprint.get("/session")
def alive() -> Response:
    """Asked by an open page to know whether it is still signed in."""
    return jsonify(signed_in=True)


@blueprint.get("/brouillon")
def draft() -> Response:
    """What was typed and not saved on one page."""
    found = drafts.find(web.db(), guard.person().id, request.args.get("form", ""))
    if found is None:
        return jsonify(fields=None)
    return jsonify(fields=json.loads(found.content), saved_at=moment(found.saved_at))


@blueprint.post("/brouillon")
def keep_draft() -> Response:
    """Keep what is being typed."""
    sent = request.get_json()
    form, fields = (sent.get("form"), sent.get("fields")) if isinstance(sent, dict) else (None, None)
    if not isinstance(form, str) or not isinstance(fields, dict):
        raise CantineError
    texts = {str(name): str(value) for name, value in fields.items()}
    drafts.keep(web.db(), guard.person().id, form, texts, now=web.now())
    web.db().commit()
    return jsonify(kept=True)


@blueprint.post("/brouillon/effacer")
def forget_draft() -> BaseResponse:
    """Drop what was typed."""
    drafts.forget(web.db(), guard.person().id, request.form.get("form", ""))
    web.db().commit()
    return web.see_other(url_for("accounts.me"), "Saisie effacée.")


@blueprint.get("/cuisines/<kitchen>/journal")
def kitchen_journal(kitchen: str) -> str:
    """Who changed what in one kitchen."""
    return _journal(kitchen, web.kitchen_names()[kitchen])


@blueprint.get("/journal")
def house_journal() -> str:
    """Who changed the tables shared by all, and the rights of the whole département."""
    return _journal("", "Tables communes et droits")


def _journal(kitchen: str, title: str) -> str:
    page = max(1, request.args.get("page", 1, type=web.whole))
    lines = journal.lines(web.db(), kitchen, grants=guard.person().grants, page=page)
    return render_template(
        "accounts/journal.html",
        place=title,
        lines=lines,
        page=page,
        more=len(lines) == journal.PAGE,
        kitchen=kitchen,
    )


def _offer_drafts(user_id: int) -> None:
    waiting = drafts.waiting(web.db(), user_id)
    if waiting:
        flash(waiting[0].form, "draft")
