"""People, taxonomy and records in the staff console. Importing it registers them all."""

from accounts.admin import audit, identity, marketplace_rules, people, security, standing, taxonomy

__all__ = ["audit", "identity", "marketplace_rules", "people", "security", "standing", "taxonomy"]
