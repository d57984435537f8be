"""Suspensions, appeals, identity documents, and leaving."""

from datetime import timedelta

from django.db.models import TextChoices


class SuspensionRule(TextChoices):
    CONTACT_DETAILS = "contact_details", "Repeatedly moving work off the site"
    FRAUD = "fraud", "Fraud or a stolen payment method"
    FALSE_IDENTITY = "false_identity", "Somebody else's identity or several accounts"
    ABUSE = "abuse", "Abuse, threats or discrimination"
    FORBIDDEN_WORK = "forbidden_work", "Work that is not allowed here"
    NOT_DELIVERING = "not_delivering", "Taking money or work and not appearing, repeatedly"


class StrikeRule(TextChoices):
    """What is kept of a person's conduct. Nothing follows by itself: staff look before they suspend anybody."""

    CANCELLED_LATE = "cancelled_late", "Calling off a gig late"
    DID_NOT_COME = "did_not_come", "Not coming to a gig"


class EvidenceClass(TextChoices):
    MESSAGES = "messages", "Messages on the site"
    REPORTS = "reports", "Reports of several people"
    PAYMENTS = "payments", "Payment records"
    DOCUMENTS = "documents", "Documents"
    TECHNICAL = "technical", "Sign-in and device records"


APPEAL_DAYS = timedelta(days=14)


class IdentityDocument(TextChoices):
    PASSPORT = "passport", "Passport"
    ID_CARD = "id_card", "Identity card"
    DRIVING_LICENCE = "driving_licence", "Driving licence"
    RESIDENCE_PERMIT = "residence_permit", "Residence permit"


MAX_IDENTITY_FILES = 3
IDENTITY_FILES_KEPT = timedelta(days=30)  # after the decision
EXPORT_KEPT = timedelta(days=7)
EXPORT_GIVEN_UP = timedelta(days=1)  # unfinished by then, it never will be
FORMER_MEMBER = "Former member"
