"""What search engines and link previews read of a profile."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import EntryKind
from core.regions import place_name

DESCRIPTION_LENGTH = 160


def for_search_engines(shown: User, side: str) -> dict[str, Any]:
    """Title, description, canonical address and picture; `data` in the words of schema.org; whether to list it at all."""
    offer, client = shown.freelancer_profile, shown.client_profile
    name = client.display_name if side == "client" else shown.get_full_name()
    words = client.about if side == "client" else offer.bio or offer.headline
    title = f"{name}, {offer.headline}" if side == "freelancer" and offer.headline else name
    url = urljoin(settings.SITE_URL, shown.get_absolute_url())
    if side == "client" and shown.is_freelancer:
        url += "?side=client"
    found = {
        "title": title,
        "description": Truncator(" ".join(words.split())).chars(DESCRIPTION_LENGTH) or _fallback(name),
        "url": url,
        "image": urljoin(settings.SITE_URL, shown.avatar_url) if shown.avatar else "",
        "listed": shown.has_verified_email and bool(client.about if side == "client" else offer.headline),
    }
    return found | {"data": _structured(shown, side, found)}


def _fallback(name: str) -> str:
    return _("%(name)s on %(site)s.") % {"name": name, "site": settings.SITE_NAME}


def _structured(shown: User, side: str, found: dict[str, Any]) -> dict[str, Any]:
    about = _company(shown, found) if side == "client" and shown.client_profile.company_name else _person(shown, found)
    if side == "freelancer":
        about |= _offer(shown)
    return {
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "url": found["url"],
        "dateCreated": shown.date_joined.isoformat(),
        "dateModified": shown.updated_at.isoformat(),
        "mainEntity": _filled(about),
    }


def _person(shown: User, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "Person",
        "name": shown.get_full_name(),
        "alternateName": shown.handle,
        "identifier": str(shown.pk),
        "url": found["url"],
        "description": found["description"],
        "image": found["image"],
        "address": _address(shown),
    }


def _company(shown: User, found: dict[str, Any]) -> dict[str, Any]:
    client = shown.client_profile
    return _person(shown, found) | {
        "@type": "Organization",
        "name": client.company_name,
        "sameAs": [client.website] if client.website else [],
    }


def _offer(shown: User) -> dict[str, Any]:
    profile = shown.freelancer_profile
    entries: list[dict[str, Any]] = shown.entries  # type: ignore[attr-defined]  # annotated
    work = [entry for entry in entries if entry["kind"] == EntryKind.WORK and not entry["ended"]]
    schools = [entry for entry in entries if entry["kind"] == EntryKind.EDUCATION]
    certificates = [entry for entry in entries if entry["kind"] == EntryKind.CERTIFICATE]
    return {
        "jobTitle": profile.headline,
        "knowsAbout": profile.skill_names,
        "knowsLanguage": [
            _filled({"@type": "Language", "name": name, "description": level}) for name, level in profile.spoken
        ],
        "sameAs": profile.links,
        "worksFor": [{"@type": "Organization", "name": entry["organisation"]} for entry in work],
        "alumniOf": [{"@type": "EducationalOrganization", "name": entry["organisation"]} for entry in schools],
        "hasCredential": [
            {
                "@type": "EducationalOccupationalCredential",
                "name": entry["title"],
                "recognizedBy": {"@type": "Organization", "name": entry["organisation"]},
            }
            for entry in certificates
        ],
    }


def _address(shown: User) -> dict[str, str]:
    if not place_name(shown.city, shown.country):
        return {}
    return _filled({"@type": "PostalAddress", "addressLocality": shown.city, "addressCountry": shown.country})


def _filled(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value}
