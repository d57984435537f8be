"""Use cases of money at the moment before they happen, each with what must be true once it has happened."""

from torture.scenes import chargebacks, disputes, hours, paying, payouts, paypal, plans, work
from torture.scenes.stage import SCENES, Scene, Script, books, credit_of, fresh, posted, requested

__all__ = [
    "SCENES",
    "Scene",
    "Script",
    "books",
    "chargebacks",
    "credit_of",
    "disputes",
    "fresh",
    "hours",
    "paying",
    "payouts",
    "paypal",
    "plans",
    "posted",
    "requested",
    "work",
]
