"""The books after everything that was done to the served site, and after the demo data."""

from tests.fixtures.served_site import ServedSite


def test_the_ledger_is_clean_after_the_demo_data_too(seeded_site: ServedSite) -> None:
    assert "The ledger is right." in seeded_site.manage("check_ledger")
