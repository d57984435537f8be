"""`.env.example` is the whole list of what the site reads from its environment."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READ = re.compile(r"env\.(?:text|flag|number|words|rates|keys|database)\(\s*\"([A-Z0-9_]+)\"")
LISTED = re.compile(r"^([A-Z0-9_]+)=", re.MULTILINE)
OF_THE_COMMANDS = {"DJANGO_SETTINGS_MODULE", "PORT"}


def test_lists_exactly_what_the_settings_read() -> None:
    read = {name for file in (ROOT / "marketplace/settings").glob("*.py") for name in READ.findall(file.read_text())}
    assert set(LISTED.findall((ROOT / ".env.example").read_text())) == read | OF_THE_COMMANDS
