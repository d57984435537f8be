"""A small town with one of everything, so that calls do not only meet what is not there."""

from typing import Any

from accounts.tests.factories import (
    ApiKeyFactory,
    AuthSessionFactory,
    ClientFactory,
    FreelancerFactory,
    UploadFactory,
    UserFactory,
)
from chat.tests.factories import MessageFactory, RoomFactory
from contracts.services import start_timer
from contracts.tests.factories import first_step, funded_week, make_contract, make_hourly
from core.money import Money
from gigs.tests.factories import make_gig
from notifications.tests.factories import NotificationFactory
from payments.tests.factories import add_credit
from payments.tests.fakes import FakeProvider, use_provider
from projects.tests.factories import ProposalFactory
from tests.architecture.world import kept


class World:
    """The rows belong to `client` and `freelancer`, so that each sees most of them."""

    def __init__(self) -> None:
        provider = FakeProvider()
        with use_provider(provider):
            self._make()
        self.bank = kept(provider)

    def _make(self) -> None:
        self.client = ClientFactory.create(placed=True)
        self.freelancer = FreelancerFactory.create(placed=True)
        self.staff = UserFactory.create(staff=True)
        proposal = ProposalFactory.create(freelancer=self.freelancer, project__client=self.client)
        contract = make_contract((500_00,), freelancer=self.freelancer, project__client=self.client)
        week = funded_week(make_hourly(freelancer=self.freelancer, project__client=self.client))
        entry = start_timer(self.freelancer, contract_id=week.contract_id)
        room = RoomFactory.create(members=[self.client, self.freelancer])
        payment = add_credit(self.client, Money(50_00, "USD"))
        self._rows: dict[str, Any] = {
            "/api/api-keys": ApiKeyFactory.create(user=self.client).pk,
            "/api/auth/sessions": AuthSessionFactory.create(user=self.client).pk,
            "/api/users": self.freelancer.pk,
            "/api/ws/user": self.freelancer.pk,
            "/api/freelancers": self.freelancer.pk,
            "/api/projects": proposal.project_id,
            "/api/proposals": proposal.pk,
            "/api/contracts": contract.pk,
            "/api/milestones": first_step(contract).pk,
            "/api/timesheets": week.pk,
            "/api/time-entries": entry.pk,
            "/api/gigs": make_gig(seeker=self.client).pk,
            "/api/chats": room.pk,
            "/api/chat/rooms": room.pk,
            "/api/messages": MessageFactory.create(room=room).pk,
            "/api/notifications": NotificationFactory.create(user=self.client).pk,
            "/api/payments": payment.pk,
            "/api/stripe/payment-intents": payment.intent_id,
            "/api/reviews/user": self.freelancer.pk,
        }
        UploadFactory.create(owner=self.client)

    def ids_for(self, path: str) -> dict[str, Any]:
        """A value for the first variable of the path, when there is something of that kind."""
        prefix, _, rest = path.partition("/{")
        if prefix not in self._rows:
            return {}
        return {rest.partition("}")[0]: str(self._rows[prefix])}
