"""Words around the API's description: what each part is for, which scope a key needs, examples of the main flows."""

from typing import Any

from accounts.scopes import scope_for

DESCRIPTION = """
Hire for remote projects and local gigs, hold and release funds, chat and review.

**Signing in.** People sign in at `POST /api/auth/login` and send `Authorization: Bearer <access token>`; `POST
/api/auth/refresh` gives a new pair. Programs send a key as `X-API-Key`: it acts as its owner, within its scopes (`gigs:read`,
`gigs:write`, …), and has a number of requests a day. The site's own pages use their cookie.

**Errors** are `{"detail": "<a sentence>", "error_type": "<a code>"}`, with `fields` for input that is not valid. What you may
not see is a 404.

**Repeating safely.** A POST that creates something takes an `Idempotency-Key`: send the same key again after a lost answer
and nothing happens twice.

**Limits.** Every answer says in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` how many calls are left. A 429
carries `Retry-After`, and so does a 503 when many things happened at once: nothing was done, send it again.

**Money.** Under `/api/stripe`, `/api/payments`, `/api/transactions` and `/api/wallet` an `amount` is a whole number of minor
units with a lower-case currency, as at Stripe. Elsewhere prices are decimal strings ("2500.00").
""".strip()

TAGS = {
    "api": "What this is.",
    "auth": "Accounts, tokens, passwords and sessions.",
    "users": "People: yourself, public profiles, who is near.",
    "freelancers": "The directory of people to hire.",
    "skills": "Names of skills, as profiles and projects use them.",
    "categories": "The two trees of categories: remote work and local gigs.",
    "projects": "Remote work that clients post.",
    "proposals": "Offers of freelancers for a project.",
    "contracts": "What was agreed, from hiring to the end.",
    "milestones": "Steps of a contract: funded, delivered, approved.",
    "time-entries": "Hours of hourly contracts: by a timer, or written down.",
    "timesheets": "Weeks of hourly contracts: funded, worked, reviewed, paid.",
    "disputes": "Disagreements about held funds: claim, evidence, offers, mediation, outcome.",
    "gigs": "Local jobs, found by place.",
    "reviews": "What both sides say after paid work.",
    "chats": "Conversations.",
    "chat": "The same conversations under their other address.",
    "messages": "What is said in them.",
    "ws": "Tickets for the WebSocket, and who is there.",
    "notifications": "News for you.",
    "payments": "Paying in, receipts and invoices, and the plans there are.",
    "stripe": "Paying in, in the shape of Stripe's own API.",
    "paypal": "Where PayPal tells what happened.",
    "transactions": "Held funds of gigs, fees and history.",
    "wallet": "Your balances and what changed them.",
    "uploads": "Files for messages, projects and gigs.",
    "upload": "Pictures of yourself and of gigs.",
    "account": "Your standing, identity, copies of your data, and the end of an account.",
    "webhooks": "News sent to a program of yours, signed.",
    "api-keys": "Keys for programs. A key cannot make or revoke keys.",
    "health": "For balancers and monitors.",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "auth_register": {
        "email": "ada@example.com",
        "password": "four calm words here",
        "first_name": "Ada",
        "last_name": "Fox",
        "user_type": "both",
    },
    "auth_login": {"email": "ada@example.com", "password": "four calm words here"},
    "api_keys_create": {"name": "Shop sync", "scopes": ["gigs:read", "projects:read"], "expires_at": None},
    "projects_create": {
        "title": "Labels for a bakery",
        "description": "Three labels and a paper bag.",
        "category": "print-packaging",
        "budget_type": "fixed",
        "budget_min": "400.00",
        "budget_max": "900.00",
        "currency": "USD",
        "experience_level": "intermediate",
        "estimated_duration": "3 weeks",
        "skills": ["Figma"],
    },
    "proposals_create": {
        "project_id": 12,
        "cover_letter": "I draw labels and would begin with yours on paper.",
        "bid_amount": "500.00",
        "estimated_days": 9,
        "milestones": [{"title": "Drafts", "amount": "200.00"}, {"title": "Final files", "amount": "300.00"}],
    },
    "milestones_fund": {"payment_method": "pm_card_visa"},
    "contracts_changes_create": {
        "kind": "add_milestone",
        "title": "A paper bag",
        "amount": "80.00",
        "due_date": "2026-12-01",
        "note": "As we said on the phone.",
    },
    "contracts_bonus_create": {"amount": "50.00", "note": "For the weekend.", "payment_method": "pm_card_visa"},
    "milestones_approve": {"amount": "200.00", "remainder": "roll"},
    "milestones_submit": {"note": "The three labels, in two colours."},
    "disputes_create": {
        "milestone_id": 31,
        "reason": "not_as_agreed",
        "explanation": "Two of the three labels are missing.",
        "amount": "200.00",
    },
    "gigs_create": {
        "title": "Carry eleven boxes down two floors",
        "description": "The stairs turn twice.",
        "duration_hours": 1.5,
        "budget": "45.00",
        "currency": "EUR",
        "location": {"lat": 51.0543, "lng": 3.7174},
        "address": "Vrijdagmarkt 14, Gent",
    },
    "transactions_escrow": {"gig_id": 7, "payment_method": "pm_card_visa"},
    "chats_create": {"participant_id": 34, "subject": "Labels"},
    "reviews_create": {
        "contract_id": "0b7e6f0a-3b0e-4f57-9a3c-2d9d2f0c8c11",
        "rating": 5,
        "comment": "Quick and kind.",
    },
}


def add_words(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular, after the document is made."""
    used: set[str] = set()
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            used.update(operation.setdefault("tags", ["api"]))
            _name_the_scope(operation, scope_for(path, method.upper()))
            if example := EXAMPLES.get(operation["operationId"]):
                for content in operation["requestBody"]["content"].values():
                    content["example"] = example
    result["info"]["description"] = DESCRIPTION
    result["tags"] = [{"name": name, "description": words} for name, words in TAGS.items() if name in used]
    return result


def _name_the_scope(operation: dict[str, Any], scope: str | None) -> None:
    if scope is None and "security" in operation:
        operation["security"] = [one for one in operation["security"] if "apiKey" not in one]
    elif scope and operation.get("security"):
        words = f"A key needs the scope `{scope}`."
        operation["description"] = "\n\n".join(filter(None, [operation.get("description"), words]))
