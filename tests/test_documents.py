from django.conf import settings

from marketplace.management.commands.lifecycles import document


def test_the_drawn_life_cycles_are_those_of_the_tables():
    assert (settings.BASE_DIR / "docs" / "lifecycles.md").read_text() == document()
