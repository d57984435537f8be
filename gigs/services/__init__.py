"""Use cases of gigs."""

from gigs.services.acceptance import accept_gig
from gigs.services.cancelling import cancel_gig, cancel_gig_as_staff
from gigs.services.clocks import release_overdue, send_reminders, settle_no_shows, watch_holds
from gigs.services.money import fund_gig, gig_funded, prepare_funding, release_gig
from gigs.services.no_shows import contest_no_show, decide_no_show, report_no_show, withdraw_no_show
from gigs.services.posting import GigDetails, edit_gig, post_gig
from gigs.services.work import complete_gig, start_gig

__all__ = [
    "GigDetails",
    "accept_gig",
    "cancel_gig",
    "cancel_gig_as_staff",
    "complete_gig",
    "contest_no_show",
    "decide_no_show",
    "edit_gig",
    "fund_gig",
    "gig_funded",
    "post_gig",
    "prepare_funding",
    "release_gig",
    "release_overdue",
    "report_no_show",
    "send_reminders",
    "settle_no_shows",
    "start_gig",
    "watch_holds",
    "withdraw_no_show",
]
