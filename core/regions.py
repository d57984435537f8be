"""Names of countries, languages and time zones, in the reader's language."""

import re
import zoneinfo
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale

# Codes that CLDR lists beside the countries.
NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
NOT_LANGUAGES = frozenset({"mul", "und", "zxx"})
_ZONE = re.compile(r"(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/")


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """ISO 3166 codes, two letters."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if re.fullmatch("[A-Z]{2}", code)) - NOT_COUNTRIES


@lru_cache(maxsize=1)
def language_codes() -> frozenset[str]:
    """Codes of languages that people speak, two or three letters ("nl", "ig", "yue")."""
    codes = map(str, Locale("en").languages)
    return frozenset(code for code in codes if re.fullmatch("[a-z]{2,3}", code)) - NOT_LANGUAGES


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    return ("UTC", *sorted(name for name in zoneinfo.available_timezones() if _ZONE.match(name)))


def country_name(code: str) -> str:
    return str(_locale().territories.get(code, code))


def language_name(code: str) -> str:
    return str(_locale().languages.get(code, code))


def place_name(city: str, country: str) -> str:
    """ "Gent, Belgium", from a town and a country's code."""
    return ", ".join(filter(None, [city, country and country_name(country)]))


def country_choices() -> list[tuple[str, str]]:
    return sorted(((code, country_name(code)) for code in country_codes()), key=lambda choice: choice[1])


def language_choices() -> list[tuple[str, str]]:
    return sorted(((code, language_name(code)) for code in language_codes()), key=lambda choice: choice[1].casefold())


def _locale() -> Locale:
    return _load(to_locale(get_language() or "en"))


@lru_cache(maxsize=64)
def _load(name: str) -> Locale:
    for candidate in (name, name.partition("_")[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")
