"""Pages that span apps."""

from marketplace.pages.crawlers import urls as crawler_urls
from marketplace.pages.dashboard import dashboard
from marketplace.pages.home import fees, home, how_it_works
from marketplace.pages.people import urls as people_urls

__all__ = ["crawler_urls", "dashboard", "fees", "home", "how_it_works", "people_urls"]
