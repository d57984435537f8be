"""Fixtures of every test: databases, the served site, the browser."""

pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.served_site", "tests.fixtures.browser"]
