"""News, for tests."""

import factory

from accounts.tests.factories import UserFactory
from notifications.models import Notification


class NotificationFactory(factory.django.DjangoModelFactory[Notification]):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    kind = "proposal_received"
    title = factory.Sequence(lambda n: f"News {n}")
    url = "/dashboard/"
