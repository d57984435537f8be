"""Telling both sides that held funds were released."""

from collections.abc import Mapping
from typing import Any

from contracts.models import Contract
from core.money import Money
from notifications.services import News, notify_each
from payments.rules import Quote


def tell_released(
    contract: Contract,
    figures: Quote,
    *,
    title: str,
    url: str,
    about: Mapping[str, Any],
    held: Money | None = None,
    by_silence: bool = False,
) -> None:
    """The freelancer hears what they receive, the client what it cost.

    `title` of the work, `about`: its id by name, `held`: what stays so after a part, `by_silence`: nobody approved it.
    """
    client, freelancer = contract.client.get_full_name(), contract.freelancer.get_full_name()
    common: dict[str, Any] = {
        "message": title,
        "url": url,
        "data": {"contract_id": str(contract.pk), **about},
        "context": {
            "title": title,
            **figures._asdict(),
            "held": held,
            "by_silence": by_silence,
            "client": client,
            "freelancer": freelancer,
        },
    }
    notify_each(
        News(
            contract.freelancer,
            kind="payment_received",
            title=f"{figures.net} was released to you",
            email="contracts/emails/payment_received",
            **common,
        ),
        News(
            contract.client,
            kind="payment_sent",
            title=f"{figures.gross} was released to {freelancer}",
            email="contracts/emails/payment_sent",
            **common,
        ),
    )
