"""Pages that span apps."""

from marketplace.pages.dashboard import dashboard
from marketplace.pages.home import fees, home, how_it_works
from marketplace.pages.people import urls as people_urls

__all__ = ["dashboard", "fees", "home", "how_it_works", "people_urls"]
