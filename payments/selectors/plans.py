"""What plans people are on, and what that gives them."""

from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from accounts.selectors import marketplace_rules
from core.money import Money
from payments.models import Plan, Subscription
from payments.rules import Audience, included_tax


class Offer(NamedTuple):
    """A plan as one person sees it. `tax` is part of the price; `mine` is their subscription that has not ended."""

    plan: Plan
    price: Money
    tax: Money
    tax_bps: int
    mine: Subscription | None


def tax_rate_of(user: User) -> int:
    """Basis points, by the country that the person gave; 0 where no tax was set up."""
    return settings.TAX_RATE_BPS.get(user.country, 0)


def fee_bps(*, client: User | None = None, freelancer: User | None = None) -> int:
    """The platform's fee on work that the two agree on now: the lowest that a plan of either gives."""
    sides = Q(pk=None)
    if client:
        sides |= Q(user=client, audience=Audience.CLIENT)
    if freelancer:
        sides |= Q(user=freelancer, audience=Audience.FREELANCER)
    of_plans = Subscription.objects.filter(sides, plan__fee_bps__isnull=False).with_benefits()
    return min([marketplace_rules().fee_bps, *of_plans.values_list("plan__fee_bps", flat=True)])


def fees_with(client: User, freelancers: Collection[int]) -> dict[int, int]:
    """The same for a client and each of several freelancers, by their ids: in two queries, however many there are."""
    usual = fee_bps(client=client)
    of_plans = Subscription.objects.filter(
        user__in=set(freelancers), audience=Audience.FREELANCER, plan__fee_bps__isnull=False
    ).with_benefits()
    lower = dict(of_plans.values_list("user_id", "plan__fee_bps"))
    return {pk: min(usual, lower.get(pk, usual)) for pk in freelancers}


def project_files(client: User, *, usual: int) -> int:
    """How many attachments a project of the client may have."""
    mine = Subscription.objects.filter(user=client, audience=Audience.CLIENT).with_benefits()
    return max([usual, *mine.filter(plan__project_files__isnull=False).values_list("plan__project_files", flat=True)])


def offers(user: User) -> list[Offer]:
    """What the person can begin, and what they are on; first what is for the side that they work on."""
    live = {one.plan_id: one for one in Subscription.objects.visible_to(user).live().select_related("plan", "user")}
    plans = Plan.objects.filter(Q(is_offered=True) | Q(pk__in=live))
    rate = tax_rate_of(user)
    found = []
    for plan in plans:
        mine = live.get(plan.pk)
        price = mine.price if mine else plan.price
        found.append(Offer(plan, price, included_tax(price, rate), rate, mine))
    sides = {Audience.CLIENT: user.is_client, Audience.FREELANCER: user.is_freelancer}
    return sorted(found, key=lambda offer: not sides[Audience(offer.plan.audience)])
