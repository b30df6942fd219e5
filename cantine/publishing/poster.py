"""The poster that stays at the entrance of a restaurant, and the message sent once a year (L230-5-3 CRPM)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from cantine import french
from cantine.egalim.law import LAW, Share
from cantine.errors import NotFoundError
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Commune, Site
from cantine.kitchens.settings import load_settings
from cantine.publishing.shares import PublicShares, public_shares
from cantine.reports.head import Head
from cantine.reports.paper import Sheet

SOURCE = "article L230-5-3 du code rural et de la pêche maritime"
PAT_UNKNOWN = "pas encore connue"


@dataclass(frozen=True)
class Bar:
    """One share beside what the law asks for."""

    title: str
    share: float
    law: Share


@dataclass(frozen=True)
class Poster:
    """The shares of one site's purchases.

    Attributes:
        kitchen: name of the kitchen that buys, where it is not the site's own.
    """

    head: Head
    shares: PublicShares
    bars: tuple[Bar, ...]
    kitchen: str
    source: str = SOURCE

    @property
    def pat_words(self) -> str:
        """The share of products of a projet alimentaire territorial, or that it is not known."""
        return PAT_UNKNOWN if self.shares.pat is None else french.percent(self.shares.pat, 1)

    @property
    def message(self) -> str:
        """The yearly message to families."""
        shares = self.shares
        meat = (
            f" Viandes et poissons : {french.percent(shares.meat_fish, 1)} de durables et de qualité."
            if shares.meat_fish is not None
            else ""
        )
        return (
            f"Objet : {self.head.place}, ce que nous mangeons, {self.head.period}\n\n"
            "Bonjour,\n\n"
            f"{self.head.period[:1].upper()}{self.head.period[1:]}, les produits durables et de qualité ont "
            f"fait {french.percent(shares.egalim, 1)} des achats alimentaires, en valeur hors taxes, dont "
            f"{french.percent(shares.bio, 1)} de produits bio.{meat} Part des produits issus d'un projet "
            f"alimentaire territorial (PAT) : {self.pat_words}.\n\n"
            f"Chiffres {shares.origin_words}. La loi demande au moins {LAW['egalim'].percent} % de produits "
            f"durables et de qualité, dont {LAW['bio'].percent} % bio. Information donnée une fois par an "
            f"({SOURCE})."
        )


def load_poster(session: Session, site: Site, today: date) -> Poster | None:
    """The poster of a site; None while nothing is known of its purchases."""
    shares = public_shares(session, site.kitchen, today)
    if shares is None:
        return None
    kitchen, settings = get_kitchen(session, site.kitchen), load_settings(session)
    commune = session.get(Commune, site.insee)
    return Poster(
        head=Head(
            title="Ce que nous mangeons",
            place=site.name,
            commune=commune.name if commune else "",
            departement=settings.departement_name,
            period=_period(shares),
            origin=f"chiffres {shares.origin_words}",
            demonstration=settings.demonstration,
        ),
        shares=shares,
        bars=_bars(shares),
        kitchen=kitchen.name if site.uai is None or site.uai != kitchen.uai else "",
    )


def poster_sheet(session: Session, site: Site, today: date) -> Sheet:
    """The poster, ready to print.

    Raises:
        NotFoundError: nothing is known of the purchases of the year.
    """
    poster = load_poster(session, site, today)
    if poster is None:
        raise NotFoundError(
            f"Les achats de {today.year - 1} et de {today.year} ne sont pas encore connus : pas d'affiche."
        )
    return Sheet(f"affiche-{site.code}-{poster.shares.year}", "poster.html", poster.head, poster)


def _period(shares: PublicShares) -> str:
    if shares.complete:
        return f"en {shares.year}"
    return f"du {french.full_date(shares.first).rsplit(' ', 1)[0]} au {french.full_date(shares.last)}"


def _bars(shares: PublicShares) -> tuple[Bar, ...]:
    bars = [
        Bar("Produits durables et de qualité, bio compris", shares.egalim, LAW["egalim"]),
        Bar("dont produits issus de l'agriculture biologique", shares.bio, LAW["bio"]),
    ]
    if shares.meat_fish is not None:
        bars.append(Bar("Viandes et poissons durables et de qualité", shares.meat_fish, LAW["meat_fish"]))
    return tuple(bars)
