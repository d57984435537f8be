import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import ClientFactory, FreelancerFactory, SkillFactory, UserFactory, set_rules
from projects.models import Proposal
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = pytest.mark.django_db

FORM = {"bid_amount": "900.00", "estimated_days": "14", "cover_letter": "I would begin on paper."}


def steps(*rows: tuple[str, str], total: int | None = None) -> dict[str, str]:
    data = {"steps-TOTAL_FORMS": str(total or len(rows)), "steps-INITIAL_FORMS": "0"}
    for number, (title, amount) in enumerate(rows):
        data |= {f"steps-{number}-title": title, f"steps-{number}-amount": amount}
    return data


def text(response, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


def test_a_proposal_is_written_with_a_plan(client):
    project, freelancer = ProjectFactory.create(), FreelancerFactory.create()
    client.force_login(freelancer)
    url = reverse("projects:propose", args=[project.pk])
    page = text(client.get(url, {"bid_amount": "900", "estimated_days": "14"}))
    assert 'value="900"' in page
    assert 'value="14"' in page
    sent = client.post(url, FORM | steps(("Sketches", "300"), ("", ""), ("Files", "600.00"), total=4))
    assert sent.url == reverse("projects:detail", args=[project.pk])
    proposal = Proposal.objects.get()
    assert [(step.title, step.amount_minor) for step in proposal.milestones.all()] == [
        ("Sketches", 300_00),
        ("Files", 600_00),
    ]


def test_a_row_that_was_taken_away_by_the_script_is_an_empty_one(client):
    client.force_login(FreelancerFactory.create())
    data = FORM | steps(total=3) | {"steps-1-title": "All", "steps-1-amount": "900"}
    client.post(reverse("projects:propose", args=[ProjectFactory.create().pk]), data)
    assert Proposal.objects.get().milestones.get().title == "All"


def test_a_new_account_that_is_too_quick_keeps_what_it_wrote(client, settings):
    settings.RATE_LIMIT_FACTOR = 1
    set_rules(new_account_proposals=1)
    client.force_login(FreelancerFactory.create())
    first, second = (reverse("projects:propose", args=[ProjectFactory.create().pk]) for _ in range(2))
    assert client.post(first, FORM | steps()).status_code == 302
    page = text(client.post(second, FORM | steps()))
    assert "Your account is new, so proposals are limited to 1 a day. Try again in" in page
    assert "I would begin on paper." in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bid_amount": ""}, "This field is required."),
        ({"bid_amount": "0"}, "above zero"),
        ({"bid_amount": "1.005"}, "USD has 2 decimals"),
        ({"estimated_days": "0"}, "greater than or equal to 1"),
        ({"cover_letter": ""}, "This field is required."),
        (steps(("Sketches", "300")), "The milestones add up to $300.00, but your price is $900.00."),
        (steps(("", "900")), "This field is required."),
        (steps(("All", "900.001")), "USD has 2 decimals"),
        (steps(("", ""), ("All", "900")) | {"steps-1-due_date": "2020-01-01"}, "This day has passed."),
    ],
)
def test_mistakes_are_shown_and_everything_typed_is_kept(client, change, said):
    client.force_login(FreelancerFactory.create())
    url = reverse("projects:propose", args=[ProjectFactory.create().pk])
    page = text(client.post(url, FORM | steps(("", "")) | change))
    assert said.replace("'", "&#x27;") in page
    assert not Proposal.objects.exists()


def test_more_rows_come_without_scripts_and_nothing_is_sent(client):
    client.force_login(FreelancerFactory.create())
    url = reverse("projects:propose", args=[ProjectFactory.create().pk])
    page = text(client.post(url, FORM | steps(("Sketches", "300"), ("", "")) | {"more": "yes"}))
    assert 'name="steps-3-title"' in page
    assert 'value="Sketches"' in page
    assert "I would begin on paper." in page
    assert "field__error" not in page
    assert not Proposal.objects.exists()


def test_a_second_proposal_is_refused_on_the_form(client):
    offer = ProposalFactory.create()
    client.force_login(offer.freelancer)
    url = reverse("projects:propose", args=[offer.project_id])
    assert "You have already proposed" in text(client.post(url, FORM | steps()))


def test_who_cannot_propose_is_told(client):
    project = ProjectFactory.create()
    url = reverse("projects:propose", args=[project.pk])
    for person in (project.client, ClientFactory.create(), UserFactory.create(unverified=True)):
        client.force_login(person)
        assert client.get(url).status_code == 403


def test_a_proposal_is_changed_while_nobody_has_reacted(client):
    offer = ProposalFactory.create(steps=[500_00, 1_000_00])
    client.force_login(offer.freelancer)
    url = reverse("projects:edit-proposal", args=[offer.pk])
    page = text(client.get(url))
    assert offer.cover_letter in page
    assert 'value="1000.00"' in page
    client.post(url, FORM | steps(("All", "900"), ("", "")))
    offer.refresh_from_db()
    assert (offer.bid_amount_minor, offer.milestones.count()) == (900_00, 1)
    Proposal.objects.update(status="shortlisted")
    assert "is shortlisted and cannot be changed" in text(client.post(url, FORM | steps()))


def test_the_client_compares_the_shortlist_and_lists_the_others(client):
    project = ProjectFactory.create(skills=[SkillFactory.create(name="Irish")])
    liked = ProposalFactory.create(project=project, status="shortlisted", bid_amount_minor=1_950_00)
    other = ProposalFactory.create(project=project)
    gone = ProposalFactory.create(project=project, status="withdrawn")
    client.force_login(project.client)
    url = reverse("projects:proposals", args=[project.pk])
    page = text(client.get(url))
    assert page.count("compare__col") == 1
    assert "−$195.00" in page
    assert "$1,755.00" in page
    assert "Shortlist 1" in page
    assert reverse("contracts:accept-proposal", args=[liked.pk]) in page
    assert "The other person is told that you chose someone." in page
    assert reverse("projects:shortlist", args=[other.pk]) in page
    assert gone.freelancer.get_full_name() not in page
    assert text(client.get(f"{url}?show=all")).count("compare__col") == 2


def test_before_and_after_there_is_nothing_to_accept(client):
    project = ProjectFactory.create()
    client.force_login(project.client)
    url = reverse("projects:proposals", args=[project.pk])
    assert "No proposals yet" in text(client.get(url))
    decided = ProposalFactory.create(project=ProjectFactory.create(client=project.client, status="cancelled"))
    Proposal.objects.update(status="rejected")
    page = text(client.get(reverse("projects:proposals", args=[decided.project_id])))
    assert "Decided" in page
    assert "Accept at" not in page


def test_both_read_the_whole_proposal_and_nobody_else(client):
    offer = ProposalFactory.create(cover_letter="First.\n\nLast.")
    url = reverse("projects:proposal", args=[offer.pk])
    client.force_login(offer.project.client)
    page = text(client.get(url))
    assert "<p>Last.</p>" in page
    assert "Accept at" in page
    assert "Not this one" in page
    client.force_login(offer.freelancer)
    page = text(client.get(url))
    assert "Change it" in page
    assert "Accept at" not in page
    client.force_login(FreelancerFactory.create())
    assert client.get(url).status_code == 404


def test_the_client_decides_by_buttons(client):
    offer = ProposalFactory.create()
    client.force_login(offer.project.client)
    compare = reverse("projects:proposals", args=[offer.project_id])
    for name, status in (("shortlist", "shortlisted"), ("unshortlist", "submitted")):
        assert client.post(reverse(f"projects:{name}", args=[offer.pk])).url == compare
        offer.refresh_from_db()
        assert offer.status == status
    assert client.post(reverse("projects:reject", args=[offer.pk]), {"reason": "x" * 1001}).url == compare
    offer.refresh_from_db()
    assert offer.status == "submitted"
    client.post(reverse("projects:reject", args=[offer.pk]), {"reason": "We need it sooner."})
    offer.refresh_from_db()
    assert offer.status == "rejected"
    late = client.post(reverse("projects:shortlist", args=[offer.pk]), follow=True)
    assert "not chosen, so that is not possible now" in text(late)
    client.force_login(offer.freelancer)
    assert "We need it sooner." in text(client.get(reverse("projects:proposal", args=[offer.pk])))


def test_the_freelancer_withdraws_by_a_button(client):
    offer = ProposalFactory.create()
    client.force_login(offer.freelancer)
    assert client.get(reverse("projects:withdraw", args=[offer.pk])).status_code == 405
    client.post(reverse("projects:withdraw", args=[offer.pk]))
    offer.refresh_from_db()
    assert offer.status == "withdrawn"


@pytest.mark.parametrize("name", ["shortlist", "unshortlist", "reject", "withdraw"])
def test_buttons_of_others_do_nothing(client, name):
    offer = ProposalFactory.create()
    wrong = offer.project.client if name == "withdraw" else offer.freelancer
    url = reverse(f"projects:{name}", args=[offer.pk])
    client.force_login(wrong)
    assert client.post(url).status_code == 403
    client.force_login(FreelancerFactory.create())
    assert client.post(url).status_code == 404
    offer.refresh_from_db()
    assert offer.status == "submitted"


def test_your_own_from_each_side(client):
    person = UserFactory.create()
    open_one = ProjectFactory.create(client=person, title="Mine and open")
    ProjectFactory.create(client=person, title="Mine in draft", status="draft")
    sent = ProposalFactory.create(freelancer=person)
    client.force_login(person)
    mine = reverse("projects:mine")
    page = text(client.get(mine))
    assert open_one.title in page
    assert "Mine in draft" in page
    drafts = text(client.get(f"{mine}?as=client&tab=drafts"))
    assert "Mine in draft" in drafts
    assert open_one.title not in drafts
    proposals = text(client.get(f"{mine}?as=freelancer"))
    assert sent.project.title in proposals
    assert sent.project.title not in text(client.get(f"{mine}?as=freelancer&tab=hired"))
    assert "Your proposals" in text(client.get(f"{mine}?as=freelancer&tab=nonsense"))


def test_people_with_one_side_see_that_one(client):
    client.force_login(FreelancerFactory.create())
    assert "What you offer to do will be here" in text(client.get(f"{reverse('projects:mine')}?as=client"))
    client.force_login(ClientFactory.create())
    assert "What you post will be here" in text(client.get(f"{reverse('projects:mine')}?as=freelancer"))


@pytest.mark.parametrize("path", ["/projects/mine/?as=client", "/projects/mine/?as=freelancer", "compare"])
def test_pages_take_as_many_queries_however_long(pages_as, path):
    person = UserFactory.create()
    project = ProjectFactory.create(client=person)
    client = pages_as(person)
    path = reverse("projects:proposals", args=[project.pk]) if path == "compare" else path
    counts = []
    for more in (3, 12):
        ProposalFactory.create_batch(more, project=project)
        ProposalFactory.create_batch(more, freelancer=person)
        ProjectFactory.create_batch(more, client=person)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
