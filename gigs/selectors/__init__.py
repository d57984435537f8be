"""Open gigs as plain rows, and what the page of a gig says to its two sides and to strangers."""

from gigs.selectors.account import export, ties
from gigs.selectors.proof import CHECKS
from gigs.selectors.rows import OpenGigs, open_gig
from gigs.selectors.workspace import Cancellation, GigView, NextStep, room_context

__all__ = ["CHECKS", "Cancellation", "GigView", "NextStep", "OpenGigs", "export", "open_gig", "room_context", "ties"]
