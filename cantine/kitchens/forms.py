"""Forms of places."""

from typing import Any

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from cantine.accounts.forms import FrenchForm
from cantine.kitchens.diners import CLASSES, DAYS, SiteWeek, Week
from optim.terms import Niveau

MOST = 5000
CLASS_WORDS = {
    "maternelle": "Maternelle",
    "elementaire": "Élémentaire",
    "college": "Collège",
    "adulte": "Adultes",
}
WHOLE = "Un nombre entier, de 0 à 5000. Exemple : 120."
PAI_LABEL = "Paniers-repas PAI par service"


def diners_form(shown: SiteWeek) -> Any:  # noqa: ANN401 -- flask-wtf is untyped
    """One number per day of service and class, and the PAI for those who may read them."""
    places = [(day, kind) for day in shown.days for kind in shown.classes]
    fields = {_name(day, kind): _number(f"{CLASS_WORDS[kind]}, {DAYS[day]}") for day, kind in places}
    data = {_name(day, kind): shown.week.get(day, {}).get(kind, 0) for day, kind in places}
    if shown.pai is not None:
        fields["pai"], data["pai"] = _number(PAI_LABEL, Optional()), shown.pai
    return type("DinersForm", (FrenchForm,), fields)(data=data)


def _number(label: str, first: InputRequired | Optional | None = None) -> IntegerField:
    return IntegerField(
        label,
        [first or InputRequired(WHOLE), NumberRange(0, MOST, WHOLE)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


def typed_week(form: Any, shown: SiteWeek) -> Week:  # noqa: ANN401 -- flask-wtf is untyped
    """What was typed, day by day."""
    others = dict.fromkeys(CLASSES, 0)
    return {
        day: {**others, **{kind: form[_name(day, kind)].data for kind in shown.classes}} for day in shown.days
    }


def _name(day: int, kind: Niveau) -> str:
    return f"{kind.value}_{day}"
