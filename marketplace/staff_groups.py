"""What each group of staff may do in the console: this table, and nothing else, decides. A migration applies it.

After a change here, add a migration of `marketplace` that runs `apply` again and depends on the newest ones of the apps.
"""

from collections.abc import Iterable, Mapping
from typing import Any


def _view(app: str, *models: str) -> list[str]:
    return [f"{app}.view_{model}" for model in models]


PEOPLE = _view("accounts", "user", "clientprofile", "freelancerprofile")
WORK = [
    *_view("projects", "project", "proposal"),
    *_view("gigs", "gig", "noshow"),
    *_view("contracts", "contract", "milestone", "changerequest", "refundrequest", "bonus", "timesheet", "timeentry"),
]
BOOKS = [
    *_view("payments", "account", "journal", "line", "hold", "payment", "refund", "providerevent", "paymentcustomer"),
    *_view("payments", "payout", "connectaccount", "chargeback"),
    *_view("payments", "document", "subscription", "plan"),
    *_view("payments", "ledgercheck", "providertransaction", "reconciliationrun", "reconciliationexception"),
]

# Reading the record of a dispute, with its chat, and deciding it.
MEDIATION = [*_view("contracts", "dispute"), "contracts.change_dispute"]

MODERATOR = [
    *MEDIATION,
    *PEOPLE,
    *WORK,
    *_view("accounts", "suspension", "strike", "appeal", "identitycheck", "auditevent"),
    *_view("chat", "room", "message"),
    *_view("reviews", "review"),
    "accounts.add_suspension",
    "accounts.change_suspension",
    "accounts.change_appeal",
    "accounts.change_identitycheck",
    "gigs.change_gig",
    "contracts.change_timesheet",
]
SUPPORT = [
    *MEDIATION,
    *PEOPLE,
    *WORK,
    *_view("accounts", "authsession", "suspension", "strike", "appeal", "apikey", "apikeyusage", "passkey"),
    *_view("payments", "hold", "payment", "refund", "document", "subscription", "plan"),
    *_view("notifications", "notification"),
    "accounts.add_user",
    "accounts.change_user",
    "accounts.change_clientprofile",
    "accounts.change_freelancerprofile",
    "accounts.change_apikey",
    "accounts.change_passkey",
    "accounts.reset_second_factor",
    "notifications.add_notification",
]
FINANCE = [
    *PEOPLE,
    *WORK,
    *BOOKS,
    "accounts.view_marketplacerules",
    *(f"payments.change_{model}" for model in ("payment", "refund", "providerevent", "subscription", "plan")),
    *(f"payments.change_{model}" for model in ("payout", "chargeback", "ledgercheck", "reconciliationexception")),
    "payments.add_plan",
]
ANALYST = [*WORK, *_view("accounts", "category", "skill"), *_view("payments", "hold"), *_view("reviews", "review")]
ADMINISTRATOR = [
    *MODERATOR,
    *SUPPORT,
    *FINANCE,
    *ANALYST,
    *_view("accounts", "upload", "idempotencyrecord", "dataexport"),
    *_view("gigs", "town"),
    *_view("auth", "group"),
    "accounts.change_marketplacerules",
    *(f"accounts.{verb}_{model}" for verb in ("add", "change", "delete") for model in ("category", "skill")),
    "accounts.give_staff_rights",
]

GROUPS: Mapping[str, Iterable[str]] = {
    "moderator": MODERATOR,
    "support": SUPPORT,
    "finance": FINANCE,
    "analyst": ANALYST,
    "administrator": ADMINISTRATOR,
}
NAMED = {  # permissions that belong to no verb
    "give_staff_rights": ("user", "Can give and take staff rights"),
    "reset_second_factor": ("user", "Can reset somebody's second factor"),
}


def apply(apps: Any) -> None:
    """Make the groups have exactly these permissions, with the models of a migration's state.

    Permissions are made here where they do not exist yet: Django makes them only after all migrations. Those of models
    that the state does not know yet are left to the later migration that brings them.
    """
    group_model = apps.get_model("auth", "Group")
    for name, wanted in GROUPS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        there = [permission for permission in sorted(set(wanted)) if _is_there(apps, permission)]
        group.permissions.set([_permission(apps, permission) for permission in there])


def _is_there(apps: Any, permission: str) -> bool:
    """Not yet for models that come after the migration which runs this; a later one runs it again."""
    app, _, codename = permission.partition(".")
    model = NAMED[codename][0] if codename in NAMED else codename.partition("_")[2]
    return model in apps.all_models[app]


def _permission(apps: Any, permission: str) -> Any:
    app, _, codename = permission.partition(".")
    if codename in NAMED:
        model, label = NAMED[codename]
    else:
        verb, _, model = codename.partition("_")
        label = f"Can {verb} {apps.get_model(app, model)._meta.verbose_name_raw}"
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": label}
    )
    return found
