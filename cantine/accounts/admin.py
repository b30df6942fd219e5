"""Pages of the administrator: people and their rights."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard, people
from cantine.accounts.forms import GrantForm, NewUserForm, kitchen_choices
from cantine.errors import CantineError


def register(blueprint: Blueprint) -> None:
    """Add the pages to the blueprint of accounts."""
    blueprint.add_url_rule("/utilisateurs", "users", users)
    blueprint.add_url_rule("/utilisateurs/nouveau", "new_user", new_user, methods=["GET", "POST"])
    blueprint.add_url_rule("/utilisateurs/<int:user_id>", "user", user)
    for name, view in (
        ("grant", grant),
        ("revoke", revoke),
        ("reset", reset),
        ("activate", activate),
        ("anonymise", anonymise),
    ):
        blueprint.add_url_rule(f"/utilisateurs/<int:user_id>/{name}", name, view, methods=["POST"])


def users() -> str:
    """Everyone, with their roles."""
    return render_template(
        "accounts/users.html",
        people=people.listing(web.db()),
        role_words=guard.ROLE_WORDS,
        kitchen_names=web.kitchen_names(),
    )


def new_user() -> str:
    """Add a person with a first role; the temporary password shows once."""
    form = NewUserForm()
    form.kitchen.choices = kitchen_choices(web.kitchen_names())
    if form.validate_on_submit():
        try:
            added, password = people.create(
                web.db(), login=form.login.data, name=form.name.data, now=web.now()
            )
        except CantineError as error:
            form.login.errors = [error.message]
        else:
            number = added.id or 0
            people.grant(
                web.db(), number, form.role.data, form.kitchen.data, by=guard.person().id, now=web.now()
            )
            web.db().commit()
            return _hand_over(number, password)
    return render_template("accounts/new_user.html", form=form)


def user(user_id: int) -> str:
    """One person: rights and account."""
    form = GrantForm(formdata=None)
    form.kitchen.choices = kitchen_choices(web.kitchen_names())
    return render_template(
        "accounts/user.html",
        user=people.get(web.db(), user_id),
        grants=sorted(people.grants_of(web.db(), user_id)),
        form=form,
        role_words=guard.ROLE_WORDS,
        kitchen_names=web.kitchen_names(),
    )


def grant(user_id: int) -> Response:
    """Give a role."""
    role, kitchen = request.form.get("role", ""), request.form.get("kitchen", "")
    if kitchen and kitchen not in web.kitchen_names():
        raise CantineError(f"La cuisine « {kitchen} » n'existe pas.")
    people.grant(web.db(), user_id, role, kitchen, by=guard.person().id, now=web.now())
    return _done(user_id, "Droit donné.")


def revoke(user_id: int) -> Response:
    """Take a role back."""
    role, kitchen = request.form.get("role", ""), request.form.get("kitchen", "")
    people.revoke(web.db(), user_id, role, kitchen, by=guard.person().id, now=web.now())
    return _done(user_id, "Droit retiré.")


def reset(user_id: int) -> str:
    """Give a temporary password; the person's sessions end."""
    password = people.reset_password(web.db(), user_id, by=guard.person().id, now=web.now())
    web.db().commit()
    return _hand_over(user_id, password)


def activate(user_id: int) -> Response:
    """Open or close the account."""
    active = request.form.get("active") == "1"
    people.set_active(web.db(), user_id, active=active, by=guard.person().id, now=web.now())
    return _done(user_id, "Compte rouvert." if active else "Compte fermé, sessions terminées.")


def anonymise(user_id: int) -> Response:
    """Forget who it was."""
    people.anonymise(web.db(), user_id, by=guard.person().id, now=web.now())
    web.db().commit()
    return web.see_other(url_for("accounts.users"), "Compte anonymisé : son nom n'apparaît plus nulle part.")


def _done(user_id: int, message: str) -> Response:
    web.db().commit()
    return web.see_other(url_for("accounts.user", user_id=user_id), message)


def _hand_over(user_id: int, password: str) -> str:
    """Show the temporary password once, in the answer itself: it goes into no cookie."""
    return render_template(
        "accounts/password_once.html", user=people.get(web.db(), user_id), password=password
    )
