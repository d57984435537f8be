"""Contracts in the staff console. Importing it registers them all."""

from contracts.admin import contracts, disputes, hours

__all__ = ["contracts", "disputes", "hours"]
