"""What the client's bank took back of held funds, as far as the work is concerned."""

from contracts.models import Milestone, Timesheet
from contracts.services.disputes.ending import follow_hold
from contracts.services.ending import finish_if_done
from notifications.services import notify
from payments.models import Hold


def hold_charged_back(hold: Hold) -> None:
    """A dispute about it follows, and the freelancer hears of it. Called by payments inside its transaction.

    The contract ends with its last milestone, as when the money goes back in another way.
    """
    follow_hold(hold)
    work = Milestone.objects.filter(hold=hold).first() or Timesheet.objects.get(hold=hold)
    left = f"{hold.held} is still held." if hold.held else "Nothing is held any more, so stop working on it."
    notify(
        hold.payee,
        kind="milestone_charged_back",
        title="The client’s bank took back what was held",
        message=f"{hold.title}. {left}",
        url=hold.url,
        data={"contract_id": str(work.contract_id), "hold_id": hold.pk},
    )
    finish_if_done(work.contract, None)
