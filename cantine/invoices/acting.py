"""Who acts on an invoice now, as the site tells it."""

from cantine import web
from cantine.accounts import guard
from cantine.asked import this_day
from cantine.invoices.book import Stamp


def stamp() -> Stamp:
    """The person signed in, the clock, the day shown."""
    return Stamp(guard.person().id, web.now(), this_day())
