"""Addresses of profiles."""

import re
import unicodedata

HANDLE = r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$"


# Words that somebody could take for the site itself or for its pages. First parts of the site's addresses are among
# them; tests/architecture/test_handles.py compares.
RESERVED_HANDLES = frozenset({
    "about", "account", "accounts", "admin", "api", "appeal", "appeals", "apply", "auth", "availability",
    "billing", "blog", "calendar", "careers", "change-email", "chat", "client", "clients", "confirm", "contact",
    "contracts", "credentials", "dashboard", "data", "dev", "developers", "disputes", "docs", "everybody",
    "everyone", "export", "exports", "faq", "feed", "fees", "files", "finance", "forgot-password", "freelancer",
    "freelancers", "gallery", "gigs", "guild", "health", "help", "helper", "helpers", "home", "how-it-works",
    "invite", "jobs", "join", "knowledge", "legal", "login", "logout", "mail", "me", "media", "messages",
    "moderation", "myself", "new", "news", "nobody", "notifications", "null", "pay", "payment", "payments",
    "people", "person", "places", "press", "pricing", "privacy", "profile", "profiles", "projects", "redoc",
    "register", "reset-password", "reviews", "robots", "root", "search", "second-factor", "security",
    "settings", "sign-in", "sign-out", "sign-up", "signin", "signup", "site", "sitemap", "sitemaps", "static",
    "status", "support", "switch-view", "system", "team", "terms", "test", "tickets", "trust", "undefined",
    "user", "users", "verify", "verify-email", "wallet", "webhooks", "www",
})  # fmt: skip
# A name with one of these words in it would speak for us.
STAFF_WORDS = frozenset(
    {"admin", "administrator", "guildhall", "helpdesk", "moderator", "official", "staff", "support"}
)


def handle_fault(handle: str) -> str:
    """What is wrong with an address that somebody wishes for; "" when nothing is. Whether it is free is another question."""
    if not re.fullmatch(HANDLE, handle):
        return "Use 3 to 40 of the letters a to z, digits and hyphens. Begin with a letter, do not end with a hyphen."
    if "--" in handle:
        return "Use one hyphen at a time."
    if handle in RESERVED_HANDLES or STAFF_WORDS.intersection(handle.split("-")):
        return "This word is kept for the site itself."
    return ""


# Letters that are no letter with a mark on it; the first is the dotless i.
_LETTERS = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"}
)


def handle_ideas(first: str, last: str, number: int) -> list[str]:
    """Good addresses for somebody of this name, the best first; none for names without Latin letters.

    The last idea ends in `number`, which belongs to the person alone.
    """
    first, last = _in_plain_letters(first), _in_plain_letters(last)
    whole = "-".join(filter(None, [first, last]))
    ideas = [whole, "-".join(filter(None, [last, first])), f"{first[:1]}-{last}", f"{whole}-{number}" if whole else ""]
    return [idea for idea in dict.fromkeys(ideas) if not handle_fault(idea)]


def _in_plain_letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
