"""Fixtures of every test: databases, API clients, the served site, the browser."""

import hypothesis

hypothesis.settings.load_profile("ci")  # everywhere the same examples, and none of them against a clock

pytest_plugins = [
    "tests.fixtures.garbage",
    "tests.fixtures.databases",
    "tests.fixtures.api",
    "tests.fixtures.work",
    "tests.fixtures.receiver",
    "tests.fixtures.amazon",
    "tests.fixtures.served_site",
    "tests.fixtures.browser",
]
