"""Projects and proposals: statuses and their moves. Pure."""

from datetime import date, timedelta

from django.db.models import TextChoices

from core.lifecycle import Lifecycle, move

FARTHEST_DUE = timedelta(days=36_525)  # a later day is a slip of the keys, and calendars end at the year 9999
MAX_MILESTONES = 20
MAX_PROJECT_SKILLS = 15
MAX_PROJECT_FILES = 10  # a plan may give more
MOST_PROJECT_FILES = 50  # whatever the plan
MAX_DAYS = 1000
RANK_WINDOW = 500  # relevance ranks the newest this many matches; older ones follow by age
SEARCH_DEPTH = 2_000  # a search by text counts and shows no more: matches are counted one by one


class BudgetType(TextChoices):
    FIXED = "fixed", "Fixed price"
    HOURLY = "hourly", "By the hour"


class Visibility(TextChoices):
    PUBLIC = "public", "Everyone"
    INVITED = "invited", "Invited people only"


class ProjectStatus(TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class ProposalStatus(TextChoices):
    SUBMITTED = "submitted", "Sent"
    SHORTLISTED = "shortlisted", "Shortlisted"
    COUNTERED = "countered", "Counter-offer"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Not chosen"
    WITHDRAWN = "withdrawn", "Withdrawn"


EDITABLE_PROJECTS = (ProjectStatus.DRAFT, ProjectStatus.OPEN)
LIVE_PROPOSALS = (ProposalStatus.SUBMITTED, ProposalStatus.SHORTLISTED, ProposalStatus.COUNTERED)

PROJECT_LIFECYCLE = Lifecycle.of(
    "project",
    ProjectStatus,
    {
        ProjectStatus.DRAFT: ("quiet", "pencil"),
        ProjectStatus.OPEN: ("success", "door-open"),
        ProjectStatus.IN_PROGRESS: ("info", "arrow-repeat"),
        ProjectStatus.COMPLETED: ("success", "check2"),
        ProjectStatus.CANCELLED: ("quiet", "x"),
    },
    move("publish", [ProjectStatus.DRAFT], ProjectStatus.OPEN, "client"),
    move("start", [ProjectStatus.OPEN], ProjectStatus.IN_PROGRESS, "system"),
    move("complete", [ProjectStatus.IN_PROGRESS], ProjectStatus.COMPLETED, "system"),
    move("close", [ProjectStatus.DRAFT, ProjectStatus.OPEN], ProjectStatus.CANCELLED, "client"),
    move("cancel", [ProjectStatus.IN_PROGRESS], ProjectStatus.CANCELLED, "system"),
)
PROPOSAL_LIFECYCLE = Lifecycle.of(
    "proposal",
    ProposalStatus,
    {
        ProposalStatus.SUBMITTED: ("info", "send"),
        ProposalStatus.SHORTLISTED: ("info", "bookmark-check"),
        ProposalStatus.COUNTERED: ("waiting", "arrow-left-right"),
        ProposalStatus.ACCEPTED: ("success", "check2"),
        ProposalStatus.REJECTED: ("quiet", "x"),
        ProposalStatus.WITHDRAWN: ("quiet", "arrow-counterclockwise"),
    },
    move("shortlist", [ProposalStatus.SUBMITTED], ProposalStatus.SHORTLISTED, "client"),
    move("unshortlist", [ProposalStatus.SHORTLISTED], ProposalStatus.SUBMITTED, "client"),
    move("accept", [ProposalStatus.SUBMITTED, ProposalStatus.SHORTLISTED], ProposalStatus.ACCEPTED, "client"),
    move("reject", LIVE_PROPOSALS, ProposalStatus.REJECTED, "client", "system"),
    move("withdraw", LIVE_PROPOSALS, ProposalStatus.WITHDRAWN, "freelancer"),
)


def why_not_due(day: date | None, today: date) -> str:
    """Why work cannot be due on that day, as a sentence for the person; empty when it can."""
    return "Choose a day within a hundred years." if day and day - today > FARTHEST_DUE else ""
