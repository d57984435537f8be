import pytest

from accounts.tests.factories import ClientFactory
from core.letters import compose
from core.money import Money

pytestmark = pytest.mark.django_db


def test_the_letter_about_a_proposal_names_price_time_and_words():
    client = ClientFactory.create(first_name="Ingeborg")
    context = {
        "project": "Bags & labels",
        "freelancer": "Amara Okonkwo",
        "amount": Money(1_950_00, "EUR"),
        "hourly": False,
        "days": 21,
        "letter": "I looked at your shop window: <blue> is your brand.",
        "url": "/projects/7/proposals/",
    }
    letter = compose("projects/emails/proposal_received", to=client, context=context)
    html = letter.alternatives[0].content
    assert letter.subject == "Amara Okonkwo sent you a proposal"
    for words in ("Hello Ingeborg", "Bags & labels", "€1,950.00", "3 weeks", "<blue> is your brand", "/projects/7/"):
        assert words in letter.body
    assert "Bags &amp; labels" in html
    assert "&lt;blue&gt; is your brand" in html
    assert "/projects/7/proposals/" in html


def test_the_letter_about_a_posted_project_links_to_it():
    letter = compose(
        "projects/emails/project_created",
        to=ClientFactory.create(),
        context={"project": "Bags & labels", "url": "/projects/7/"},
    )
    assert letter.subject == "Your project is open: Bags & labels"
    assert "/projects/7/" in letter.body
    assert "/projects/7/" in letter.alternatives[0].content
