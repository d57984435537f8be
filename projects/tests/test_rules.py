import pytest

from projects.rules import PROJECT_LIFECYCLE, PROPOSAL_LIFECYCLE, ProjectStatus, ProposalStatus


@pytest.mark.parametrize("lifecycle", [PROJECT_LIFECYCLE, PROPOSAL_LIFECYCLE])
def test_every_status_has_a_badge_and_can_be_reached_or_begins(lifecycle):
    reached = {step.target for step in lifecycle.moves.values()}
    begins = {ProjectStatus.DRAFT, ProjectStatus.OPEN, ProposalStatus.SUBMITTED}
    for status in lifecycle.statuses.values:
        assert lifecycle.badge(status).label
        assert status in reached | begins or status == ProposalStatus.COUNTERED


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("submitted", ["shortlist", "accept", "reject"]),
        ("shortlisted", ["unshortlist", "accept", "reject"]),
        ("countered", ["reject"]),
        ("accepted", []),
        ("rejected", []),
        ("withdrawn", []),
    ],
)
def test_what_the_client_can_do_with_a_proposal(status, moves):
    assert PROPOSAL_LIFECYCLE.available(status, "client") == moves


@pytest.mark.parametrize("status", ProposalStatus.values)
def test_the_freelancer_withdraws_only_what_is_undecided(status):
    expected = ["withdraw"] if status in {"submitted", "shortlisted", "countered"} else []
    assert PROPOSAL_LIFECYCLE.available(status, "freelancer") == expected


@pytest.mark.parametrize(
    ("status", "moves"),
    [("draft", ["publish", "close"]), ("open", ["close"]), ("in_progress", []), ("completed", []), ("cancelled", [])],
)
def test_what_the_client_can_do_with_a_project(status, moves):
    assert PROJECT_LIFECYCLE.available(status, "client") == moves
