"""What needs a decision this week, the most pressing first. Pure, on what the pages already read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from cantine.french import day as day_words
from cantine.french import plural
from cantine.menus.grid import GridDay, GridWeek
from cantine.orders.states import APPROUVE, BROUILLON
from cantine.planning.board import Board
from cantine.planning.models import Run
from cantine.planning.purchases import Order, missed
from cantine.planning.runs import OPEN_STATES
from cantine.suppliers.staples import Shelf

SHOWN = 3
AHEAD_DAYS = 28
VALIDATE_DAYS = 14
NAMED = 3
SOON_DAYS = 1

Url = Callable[..., str]
NOTHING_AWAITED: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Card:
    """One decision: when, what, and the button that does it."""

    when: str
    title: str
    text: str
    action: str
    url: str
    urgent: bool = False
    fields: dict[str, str | int] = field(default_factory=dict)
    other: str = ""
    other_url: str = ""


def decisions(
    board: Board | None,
    run: Run | None,
    orders: Sequence[Order],
    shelves: Sequence[Shelf],
    url: Url,
    awaited: Mapping[str, int] = NOTHING_AWAITED,
    *,
    binds: bool = False,
) -> list[Card]:
    """Every card, the most pressing first.

    Args:
        board: the block of today.
        run: the last proposal.
        orders: what the plan buys.
        shelves: the staples.
        url: builds addresses of the kitchen's pages.
        awaited: how many orders wait for an approval, to be sent, to have their answer looked at.
        binds: whether the person may approve and send them.
    """
    if board is None:
        return []
    cards = [
        *_answers(awaited, url),
        *_to_approve(awaited, url, binds=binds),
        *_orders(board, orders, url),
        *_proposal(run, url),
        *_headcounts(board, url),
        *_no_menu(board, run, url),
        *_broken(board, url),
        *_to_validate(board, url),
        *_staples(shelves, url),
    ]
    return sorted(cards, key=lambda card: not card.urgent)


def _answers(awaited: Mapping[str, int], url: Url) -> Iterator[Card]:
    count = awaited.get("reponses", 0)
    if count:
        words = ("fournisseur ne livre pas tout", "fournisseurs ne livrent pas tout")
        text = "Vos menus ne changent pas sans votre accord : regardez, puis réparez le plan."
        target = url("orders.answers")
        yield Card("À voir", plural(count, *words), text, "Voir les réponses", target, urgent=True)


def _to_approve(awaited: Mapping[str, int], url: Url, *, binds: bool) -> Iterator[Card]:
    drafts, ready = awaited.get(BROUILLON, 0), awaited.get(APPROUVE, 0)
    if drafts and binds:
        text = "Préparées par la cuisine : quantités, crédit et minimums sont à relire."
        yield Card(
            "À approuver",
            f"{plural(drafts, 'commande')} à approuver",
            text,
            "Relire et approuver",
            url("planning.need_review"),
            urgent=True,
        )
    if ready and binds:
        title = f"{plural(ready, 'commande')} à envoyer"
        target = url("orders.follow", etat=APPROUVE)
        yield Card("À envoyer", title, "Approuvées, pas encore parties.", "Voir lesquelles", target)


def _orders(board: Board, orders: Sequence[Order], url: Url) -> Iterator[Card]:
    soon = board.days.today + timedelta(days=SOON_DAYS)
    due = [
        order
        for order in orders
        if not order.late and not order.ordered and board.days.today <= order.deadline <= soon
    ]
    late = missed(orders, board.days.today, demonstration=board.settings.demonstration)
    if due:
        first = min(due, key=lambda order: (order.deadline, order.supplier.cutoff_hour))
        hour = first.supplier.cutoff_hour.replace(":", " h ").removesuffix(" 00")
        when = f"Avant {hour}" if first.due_today else f"Demain avant {hour}"
        names = ", ".join(sorted({order.supplier.name for order in due})[:3])
        title = f"{plural(len(due), 'commande')} à passer"
        yield Card(
            when,
            title,
            f"{names}.",
            "Ouvrir les commandes",
            url("planning.purchases"),
            urgent=first.due_today,
        )
    if late:
        text = "Appelez les fournisseurs, ou refaites une proposition."
        title = (
            f"{plural(len(late), 'date limite passée', 'dates limites passées')} pour des livraisons prévues"
        )
        yield Card("À voir", title, text, "Voir lesquelles", url("planning.purchases"), urgent=True)


def _proposal(run: Run | None, url: Url) -> Iterator[Card]:
    if run is None or run.decision or run.state == "annule":
        return
    du = run.first_date.isoformat()
    meals = f"{plural(run.services, 'repas', 'repas')} à partir du {day_words(run.first_date)}."
    if run.state in OPEN_STATES:
        yield Card(
            "En cours", "Une proposition de menus se prépare", meals, "Suivre", url("menus.grid", du=du)
        )
    elif run.state == "fini":
        yield Card(
            "À décider",
            "Une proposition de menus vous attend",
            f"{meals} Vos menus restent en place jusqu'à votre accord.",
            "Regarder la proposition",
            url("menus.grid", du=du, proposition=run.id),
        )
    else:
        again = url("planning.propose", du=du)
        yield Card("À voir", "Une proposition n'a pas abouti", run.error, "Essayer autrement", again)


def _headcounts(board: Board, url: Url) -> Iterator[Card]:
    for day in board.open:
        gap = day.usual - day.meals
        if day.version and gap and not day.note and day.usual:
            yield _headcount(board, day, gap, url)


def _headcount(board: Board, day: GridDay, gap: int, url: Url) -> Card:
    many = f"{plural(abs(gap), 'repas', 'repas')} de {'plus' if gap > 0 else 'moins'}"
    fields: dict[str, str | int] = {
        niveau.value: count for niveau, count in board.days.usual.on(day.date).items()
    }
    return Card(
        when=day_words(day.date).capitalize(),
        title=f"{many} annoncés par les sites",
        text=f"L'effectif du menu est de {day.meals}, les sites en attendent {day.usual}.",
        action=f"Prendre {day.usual}",
        url=url("menus.diners"),
        fields=fields
        | {"date": day.date.isoformat(), "version": day.version, "raison": "effectif des sites"},
        other="Corriger",
        other_url=url("menus.grid", du=day.date.isoformat(), jour=day.date.isoformat()),
    )


def _no_menu(board: Board, run: Run | None, url: Url) -> Iterator[Card]:
    if run is not None and not run.decision and run.state in {*OPEN_STATES, "fini"}:
        return
    limit = board.days.today + timedelta(days=AHEAD_DAYS)
    first = next(
        (d for d in board.days.meal_dates() if d >= board.days.today and d not in board.days.with_dishes),
        None,
    )
    if first is not None and first <= limit:
        text = "Les menus se choisissent environ un mois avant : producteurs et commandes suivent."
        title = f"Pas de menu à partir du {day_words(first)}"
        yield Card(
            "À prévoir", title, text, "Proposer des menus", url("planning.propose", du=first.isoformat())
        )


def _broken(board: Board, url: Url) -> Iterator[Card]:
    broken = board.reading.broken
    if broken:
        rest = f" Et {plural(len(broken) - 1, 'autre critère', 'autres critères')}." if broken[1:] else ""
        title = f"{broken[0].fault}".capitalize()
        text = f"Sur les 20 repas à partir du {day_words(board.block.first)}.{rest}"
        yield Card(
            "À corriger", title, text, "Voir les menus", url("menus.grid", du=board.block.first.isoformat())
        )


def _to_validate(board: Board, url: Url) -> Iterator[Card]:
    limit = board.days.today + timedelta(days=VALIDATE_DAYS)
    week: GridWeek | None = next(
        (w for w in board.weeks if w.state == "brouillon" and w.monday <= limit), None
    )
    if week is not None:
        target = url("menus.grid", du=board.block.first.isoformat(), semaine=week.monday.isoformat())
        title = f"Valider les menus de la semaine {week.number}"
        yield Card(
            "À valider", title, "Relus et validés, ils peuvent être affichés.", "Relire et valider", target
        )


def _staples(shelves: Sequence[Shelf], url: Url) -> Iterator[Card]:
    short = [shelf.name for shelf in shelves if shelf.short]
    if short:
        names = ", ".join(short[:NAMED]) + ("…" if short[NAMED:] else "")
        words = ("denrée de base sous le minimum", "denrées de base sous le minimum")
        target = url("planning.purchases", _anchor="epicerie")
        yield Card(
            "À prévoir",
            plural(len(short), *words),
            names if short[NAMED:] else f"{names}.",
            "Voir la commande du mois",
            target,
        )
