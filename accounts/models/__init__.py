from accounts.models.audit import AuditEvent
from accounts.models.idempotency import IdempotencyRecord
from accounts.models.profile import ClientProfile, FreelancerProfile
from accounts.models.session import AuthSession
from accounts.models.taxonomy import Category, Skill
from accounts.models.upload import Upload
from accounts.models.user import User

__all__ = [
    "AuditEvent",
    "AuthSession",
    "Category",
    "ClientProfile",
    "FreelancerProfile",
    "IdempotencyRecord",
    "Skill",
    "Upload",
    "User",
]
