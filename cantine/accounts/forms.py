"""Forms of people."""

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from cantine.accounts import people
from cantine.accounts.guard import ROLE_WORDS
from cantine.accounts.models import ROLES

ROLE_CHOICES = [SelectChoice(role, ROLE_WORDS[role]) for role in ROLES]
NEEDED = "Il manque quelque chose ici."


class FrenchForm(FlaskForm):
    """Base of every form: messages in French."""

    class Meta(FlaskForm.Meta):
        """WTForms speaks French without flask-babel."""

        locales = ("fr",)


class SignInForm(FrenchForm):
    """Login and password."""

    login = StringField("Identifiant", [InputRequired(NEEDED), Length(max=200)])
    password = PasswordField("Mot de passe", [InputRequired(NEEDED), Length(max=people.LONGEST)])


class PasswordForm(FrenchForm):
    """A new password, typed twice."""

    old = PasswordField("Mot de passe actuel", [InputRequired(NEEDED)])
    new = PasswordField("Nouveau mot de passe", [InputRequired(NEEDED)])
    again = PasswordField(
        "Le même, une seconde fois",
        [InputRequired(NEEDED), EqualTo("new", "Les deux mots de passe ne sont pas les mêmes.")],
    )

    def __init__(self, login: str) -> None:
        """Keep the ``login``, which a password must not contain."""
        super().__init__()
        self.login_name = login

    def validate_new(self, field: Field) -> None:
        """Rules of a good password, in words."""
        fault = people.password_fault(field.data or "", self.login_name)
        if fault is None and field.data == self.old.data:
            fault = "Choisissez un mot de passe différent de l'ancien."
        if fault:
            raise ValidationError(fault)


class NewUserForm(FrenchForm):
    """A person to add, with a first role."""

    name = StringField("Nom affiché", [InputRequired(NEEDED), Length(max=100)])
    login = StringField(
        "Identifiant",
        [
            InputRequired(NEEDED),
            Length(max=100),
            Regexp(r"^[A-Za-z0-9._@+-]+$", message="Lettres, chiffres, point, tiret ou @, sans espace."),
        ],
        description="une adresse de courriel, ou un nom court",
    )
    role = SelectField("Rôle", choices=ROLE_CHOICES)
    kitchen = SelectField("Cuisine", validate_choice=True)


class GrantForm(FrenchForm):
    """A role and a kitchen to give."""

    role = SelectField("Rôle", choices=ROLE_CHOICES)
    kitchen = SelectField("Cuisine", validate_choice=True)


def kitchen_choices(names: Mapping[str, str]) -> list[SelectChoice]:
    """Every kitchen after « tout le département »."""
    kitchens = (SelectChoice(code, f"{name} ({code})") for code, name in names.items())
    return [SelectChoice("", "tout le département"), *kitchens]
