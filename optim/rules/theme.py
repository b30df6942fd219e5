"""Theme meals: the galette comes at Épiphanie, and Épiphanie has its galette."""

from dataclasses import dataclass

from optim.instance import Dish, Instance, Recipe, Service
from optim.linear import LinearModel
from optim.plan import Plan, Violation
from optim.rules.base import Rule
from optim.rules.words import day_name, sentence
from optim.terms import Slot
from optim.variables import Variables


@dataclass(frozen=True, kw_only=True)
class Theme(Rule):
    """A dish of a theme comes on the days that ask for it, and such a day has one of them at least.

    A chief who keeps the dish asks for it too.
    """

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Dishes on days that did not ask for their theme, and days left without theirs."""
        found = []
        for service in instance.horizon:
            dishes = plan.by_day.get(service.date, ())
            for dish in dishes:
                recipe = instance.recipe[dish.recipe]
                if self._unasked(instance, service, recipe):
                    message = (
                        f"{recipe.name} le {day_name(service.date)} : plat du repas à thème "
                        f"« {recipe.theme} », que ce jour ne demande pas."
                    )
                    found.append(self.fault(message, service.date, dish.slot.value))
            if service.theme and not any(self._of(instance, service, dish) for dish in dishes):
                message = f"{day_name(service.date)} : aucun plat du repas à thème « {service.theme} »."
                found.append(self.fault(sentence(message), service.date, count=0, limit=1))
        return found

    def _unasked(self, instance: Instance, service: Service, recipe: Recipe) -> bool:
        if not recipe.theme or recipe.theme == service.theme:
            return False
        return not any((lock.date, lock.recipe) == (service.date, recipe.code) for lock in instance.locks)

    def _of(self, instance: Instance, service: Service, dish: Dish) -> bool:
        return instance.recipe[dish.recipe].theme == service.theme

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Columns kept at zero on other days, and one row per day that asks for a theme."""
        for service in instance.horizon:
            for slot in Slot:
                for recipe, column in variables.by_slot.get((service.date, slot), ()):
                    if self._unasked(instance, service, recipe):
                        model.forbid(self.name, column)
            if service.theme:
                self._asked(model, variables, service)

    def _asked(self, model: LinearModel, variables: Variables, service: Service) -> None:
        columns = variables.dishes(service.date, tuple(Slot), lambda r: r.theme == service.theme)
        about = f"{service.theme}, {day_name(service.date)}"
        model.row(self.name, [(column, 1.0) for column in columns], low=1, about=about)


THEME = Theme(name="theme", title="repas à thème", source="choix de la cuisine")
