"""Forms of places."""

from typing import Any

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from cantine.accounts.forms import FrenchForm
from cantine.kitchens.diners import CLASSES, DAYS, SiteWeek, Week

MOST = 5000
CLASS_WORDS = {
    "maternelle": "Maternelle",
    "elementaire": "Élémentaire",
    "college": "Collège",
    "adulte": "Adultes",
}
WHOLE = "Un nombre entier, de 0 à 5000. Exemple : 120."


def diners_form(shown: SiteWeek) -> Any:  # noqa: ANN401 -- flask-wtf is untyped
    """One number per day of service and class."""
    fields = {
        _name(day, kind): IntegerField(
            f"{CLASS_WORDS[kind]}, {DAYS[day]}",
            [InputRequired(WHOLE), NumberRange(0, MOST, WHOLE)],
            render_kw={"inputmode": "numeric", "autocomplete": "off"},
        )
        for day in shown.days
        for kind in shown.classes
    }
    data = {
        _name(day, kind): shown.week.get(day, {}).get(kind, 0) for day in shown.days for kind in shown.classes
    }
    return type("DinersForm", (FrenchForm,), fields)(data=data)


def typed_week(form: Any, shown: SiteWeek) -> Week:  # noqa: ANN401 -- flask-wtf is untyped
    """What was typed, day by day."""
    others = dict.fromkeys(CLASSES, 0)
    return {
        day: {**others, **{kind: form[_name(day, kind)].data for kind in shown.classes}} for day in shown.days
    }


def _name(day: int, kind: str) -> str:
    return f"{kind}_{day}"
