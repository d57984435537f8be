from accounts.models.api_key import ApiKey, ApiKeyUsage
from accounts.models.audit import AuditEvent
from accounts.models.email_change import EmailChange
from accounts.models.idempotency import IdempotencyRecord
from accounts.models.marketplace_rules import MarketplaceRules
from accounts.models.profile import ClientProfile, FreelancerProfile, ProfileEntry
from accounts.models.second_factor import BackupCode, Passkey
from accounts.models.session import AuthSession
from accounts.models.standing import Appeal, DataExport, IdentityCheck, Strike, Suspension
from accounts.models.taxonomy import Category, Skill
from accounts.models.upload import Upload
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "ApiKeyUsage",
    "Appeal",
    "AuditEvent",
    "AuthSession",
    "BackupCode",
    "Category",
    "ClientProfile",
    "DataExport",
    "EmailChange",
    "FreelancerProfile",
    "IdempotencyRecord",
    "IdentityCheck",
    "MarketplaceRules",
    "Passkey",
    "ProfileEntry",
    "Skill",
    "Strike",
    "Suspension",
    "Upload",
    "User",
]
