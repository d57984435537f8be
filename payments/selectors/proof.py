"""The proof that the books are right: assertions about money, each one SQL statement that finds what breaks it.

TRUTHS are numbered; every check names those it proves. Apps above add checks of theirs by `register_checks`.
"""

import time
from typing import NamedTuple

from django.db import connection

from payments.rules import CLEARING, MAY_BE_NEGATIVE, MONEY_EXCEPTIONS, SIDES, AccountKind

SHOWN = 5

TRUTHS = {
    1: "Every journal has at least two lines and sums to zero; all accounts together sum to zero.",
    2: "Journals and lines are never changed or deleted; corrections are reversing journals.",
    3: "Every cached balance is the sum of its lines.",
    4: "Held, wallet and credit accounts never go below zero.",
    5: "Per piece of work: funded = released + fee + refunded + still held.",
    6: "Nothing is released, captured, refunded or charged back beyond what came in.",
    7: "Fee + net = gross, to the minor unit; parts add up to the fee of the whole.",
    8: "No line mixes currencies.",
    9: "One cause, one journal; every journal names its cause.",
    10: "Disputed money moves only by the dispute's outcome.",
    11: "Silence releases only work that is still handed in, and only after its deadline.",
    12: "A payout is at most what is available; a pending one reserves, a failed one returns once.",
    13: "Every event of a provider is stored once, and any order of them ends the same.",
    14: "The provider's movements less the clearing account are zero, or an open exception with an age.",
    15: "A statement re-adds from its lines to the shown balance.",
}


class Check(NamedTuple):
    """`sql` selects one text for each offender; none is right. `proves`: numbers of TRUTHS."""

    name: str
    truth: str
    sql: str
    proves: tuple[int, ...] = ()


class Finding(NamedTuple):
    check: Check
    offenders: int
    examples: list[str]
    seconds: float


_further: dict[str, Check] = {}


def register_checks(*checks: Check) -> None:
    """Assertions of an app above about its own rows and the money behind them; called in its AppConfig.ready."""
    _further.update({check.name: check for check in checks})


def all_checks() -> tuple[Check, ...]:
    return (*CHECKS, *_further.values())


def prove() -> list[Finding]:
    """Try every assertion, each on one consistent view of the database."""
    return [_try(check) for check in all_checks()]


def _try(check: Check) -> Finding:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(what ORDER BY what))[1:{SHOWN}] FROM ({check.sql}) AS offenders (what)"  # noqa: S608 - our own text
        )
        offenders, examples = cursor.fetchone()
    return Finding(check, offenders, examples or [], time.perf_counter() - start)


def _values(*rows: tuple[str, ...]) -> str:
    """Rows of our own words for a VALUES list."""
    return ", ".join("(" + ", ".join(f"'{word}'" for word in row) + ")" for row in rows)


# Which account a journal may lower (-1) or raise (1).
_ALLOWED = ", ".join(
    f"('{kind}', '{account}', {sign})"
    for kind, sides in SIDES.items()
    for sign, accounts in ((-1, sides.takes), (1, sides.gives))
    for account in sorted(accounts)
)
_CLEARING = _values(*((str(provider), str(kind)) for provider, kind in CLEARING.items()))
_CLEARING_KINDS = ", ".join(f"'{kind}'" for kind in CLEARING.values())
_MONEY_EXCEPTIONS = ", ".join(f"'{kind}'" for kind in MONEY_EXCEPTIONS)
_NOT_NEGATIVE = ", ".join(f"'{kind}'" for kind in AccountKind if kind not in MAY_BE_NEGATIVE)
# What keeps the books while they are written: (table, trigger).
_GUARDS = _values(
    ("payments_account", "payments_account_matches_hold"),
    ("payments_account", "payments_account_moves_by_lines"),
    ("payments_account", "payments_account_starts_empty"),
    ("payments_hold", "payments_frozen_hold_stays"),
    ("payments_hold", "payments_hold_matches_ledger"),
    ("payments_hold", "payments_hold_terms_are_frozen"),
    ("payments_holdevent", "payments_holdevent_append_only"),
    ("payments_journal", "payments_journal_append_only"),
    ("payments_journal", "payments_journal_balanced"),
    ("payments_journal", "payments_journal_not_emptied"),
    ("payments_journal", "payments_journal_notes_transaction"),
    ("payments_line", "payments_line_append_only"),
    ("payments_line", "payments_line_balanced"),
    ("payments_line", "payments_line_moves_balance"),
    ("payments_line", "payments_line_not_emptied"),
    ("payments_payment", "payments_payment_terms_are_frozen"),
    ("payments_paymentevent", "payments_paymentevent_append_only"),
    ("payments_refundevent", "payments_refundevent_append_only"),
)

CHECKS = (
    Check(
        "journals_have_two_lines",
        "Every journal has at least two lines.",
        """
        SELECT format('journal %s has %s', journal.id, count(line.id))
        FROM payments_journal AS journal LEFT JOIN payments_line AS line ON line.journal_id = journal.id
        GROUP BY journal.id HAVING count(line.id) < 2
        """,
        proves=(1,),
    ),
    Check(
        "journals_sum_to_zero",
        "Every journal sums to zero in each currency.",
        """
        SELECT format('journal %s: %s %s', journal_id, sum(amount_minor), currency)
        FROM payments_line GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0
        """,
        proves=(1,),
    ),
    Check(
        "journals_have_one_currency",
        "No journal mixes currencies.",
        """
        SELECT format('journal %s', journal_id)
        FROM payments_line GROUP BY journal_id HAVING count(DISTINCT currency) > 1
        """,
        proves=(8,),
    ),
    Check(
        "ledger_sums_to_zero",
        "All accounts together sum to zero in each currency.",
        """
        SELECT format('%s %s', sum(balance_minor), currency)
        FROM payments_account GROUP BY currency HAVING sum(balance_minor) <> 0
        """,
        proves=(1,),
    ),
    Check(
        "lines_are_in_the_currency_of_their_account",
        "Every line is in the currency of its account.",
        """
        SELECT format('line %s', line.id)
        FROM payments_line AS line JOIN payments_account AS account ON account.id = line.account_id
        WHERE line.currency <> account.currency
        """,
        proves=(8,),
    ),
    Check(
        "balances_equal_their_lines",
        "Every cached balance equals the sum of its account's lines.",
        """
        SELECT format('account %s has %s, its lines %s', account.id, balance_minor, coalesce(sum(amount_minor), 0))
        FROM payments_account AS account LEFT JOIN payments_line AS line ON line.account_id = account.id
        GROUP BY account.id HAVING balance_minor <> coalesce(sum(amount_minor), 0)
        """,
        proves=(3,),
    ),
    Check(
        "statements_re_add",
        "On every statement, each line's balance is the one before plus the line.",
        """
        SELECT format('line %s of account %s says %s, not %s', id, account_id, balance_after_minor, running)
        FROM (
            SELECT *, sum(amount_minor) OVER (PARTITION BY account_id ORDER BY id) AS running FROM payments_line
        ) AS statement
        WHERE balance_after_minor <> running
        """,
        proves=(15,),
    ),
    Check(
        "accounts_are_not_negative",
        "Held, wallet, credit, fee and refund accounts are never below zero.",
        f"""
        SELECT format('account %s (%s) has %s %s', id, kind, balance_minor, currency)
        FROM payments_account WHERE kind IN ({_NOT_NEGATIVE}) AND balance_minor < 0
        """,  # noqa: S608 - our own words
        proves=(4,),
    ),
    Check(
        "holds_add_up",
        "Of every hold: funded = released + fee + refunded + still held.",
        """
        SELECT format('hold %s', id) FROM payments_hold
        WHERE funded_minor <> released_minor + fee_minor + refunded_minor + held_minor
        """,
        proves=(5,),
    ),
    Check(
        "holds_are_funded_whole",
        "A hold is funded wholly or not at all.",
        "SELECT format('hold %s', id) FROM payments_hold WHERE funded_minor NOT IN (0, amount_minor)",
        proves=(6,),
    ),
    Check(
        "holds_match_their_accounts",
        "What a hold says is held is on its account.",
        """
        SELECT format('hold %s says %s, its account %s', hold.id, held_minor, coalesce(balance_minor, 0))
        FROM payments_hold AS hold LEFT JOIN payments_account AS account ON account.hold_id = hold.id
        WHERE held_minor <> coalesce(balance_minor, 0) OR account.currency <> hold.currency
        """,
        proves=(5,),
    ),
    Check(
        "holds_match_their_journals",
        "What a hold was funded, released, charged and refunded is what its journals moved.",
        """
        SELECT format('hold %s', hold.id)
        FROM payments_hold AS hold
        LEFT JOIN (
            SELECT journal.hold_id,
                sum(amount_minor) FILTER (WHERE journal.kind = 'fund' AND account.kind = 'held') AS funded,
                sum(amount_minor) FILTER (WHERE journal.kind = 'release' AND account.kind = 'available') AS released,
                sum(amount_minor) FILTER (WHERE journal.kind = 'release' AND account.kind = 'fees') AS fee,
                -sum(amount_minor) FILTER (
                    WHERE journal.kind IN ('refund', 'chargeback') AND account.kind = 'held'
                ) AS refunded
            FROM payments_journal AS journal
            JOIN payments_line AS line ON line.journal_id = journal.id
            JOIN payments_account AS account ON account.id = line.account_id
            GROUP BY journal.hold_id
        ) AS moved ON moved.hold_id = hold.id
        WHERE (funded_minor, released_minor, fee_minor, refunded_minor)
            <> (coalesce(funded, 0), coalesce(released, 0), coalesce(fee, 0), coalesce(refunded, 0))
        """,
        proves=(5,),
    ),
    Check(
        "fees_are_the_agreed_share",
        "The fee of a hold is its agreed share of what was released, rounded once; fee + net = gross.",
        """
        SELECT format('hold %s has a fee of %s on %s', id, fee_minor, released_minor + fee_minor)
        FROM payments_hold WHERE fee_minor <> ((released_minor + fee_minor) * fee_bps + 5000) / 10000
        """,
        proves=(7,),
    ),
    Check(
        "releases_go_to_the_payee",
        "A release takes from its own hold and pays its payee.",
        """
        SELECT format('journal %s', journal.id)
        FROM payments_journal AS journal
        JOIN payments_hold AS hold ON hold.id = journal.hold_id
        JOIN payments_line AS line ON line.journal_id = journal.id
        JOIN payments_account AS account ON account.id = line.account_id
        WHERE (account.kind = 'held' AND account.hold_id <> hold.id)
            OR (account.kind = 'available' AND account.owner_id <> hold.payee_id)
            OR (account.kind = 'credit' AND account.owner_id <> hold.payer_id)
        """,
        proves=(5,),
    ),
    Check(
        "journals_name_their_cause",
        "Every journal names what made it, and that exists.",
        """
        SELECT format('journal %s (%s) is caused by "%s"', journal.id, kind, cause)
        FROM payments_journal AS journal
        LEFT JOIN payments_payment AS payment
            ON kind IN ('fund', 'credit') AND cause = 'payment:' || payment.id AND payment.status = 'succeeded'
            AND (kind = 'credit' OR payment.hold_id = journal.hold_id)
        LEFT JOIN payments_refund AS refund
            ON kind IN ('refund_sent', 'reversal') AND split_part(split_part(cause, ':', 2), '-', 1) = refund.id::text
            AND cause LIKE 'refund:%'
        LEFT JOIN payments_payout AS payout
            ON cause IN ('payout:' || payout.id, 'payout-paid:' || payout.id)
        LEFT JOIN payments_chargeback AS chargeback
            ON kind IN ('chargeback', 'chargeback_won') AND cause = 'chargeback:' || chargeback.id
        WHERE cause = ''
            OR (kind IN ('fund', 'credit') AND payment.id IS NULL)
            OR (kind = 'refund_sent' AND refund.id IS NULL)
            OR (kind = 'reversal' AND refund.id IS NULL AND payout.id IS NULL)
            OR (kind IN ('payout', 'payout_sent', 'payout_paid', 'payout_back') AND payout.id IS NULL)
            OR (kind IN ('chargeback', 'chargeback_won') AND chargeback.id IS NULL)
            OR (kind IN ('fund', 'release') AND journal.hold_id IS NULL)
        """,
        proves=(9,),
    ),
    Check(
        "payments_match_their_journals",
        "Every payment that was received is in the ledger once, with what was received; no other is.",
        """
        SELECT format('payment %s received %s, the ledger has %s', payment.id, received_minor, coalesce(posted, 0))
        FROM payments_payment AS payment
        LEFT JOIN (
            SELECT journal.cause, -sum(line.amount_minor) AS posted
            FROM payments_journal AS journal
            JOIN payments_line AS line ON line.journal_id = journal.id
            JOIN payments_account AS account ON account.id = line.account_id AND account.kind IN ('provider', 'paypal')
            WHERE journal.kind IN ('fund', 'credit')
            GROUP BY journal.cause
        ) AS books ON books.cause = 'payment:' || payment.id
        WHERE received_minor <> coalesce(posted, 0)
        """,
        proves=(6,),
    ),
    Check(
        "payments_stay_within_bounds",
        "Refunded and charged back is at most received, received at most asked for.",
        """
        SELECT format('payment %s', id) FROM payments_payment
        WHERE NOT (
            refunded_minor >= 0 AND charged_back_minor >= 0 AND received_minor <= amount_minor
            AND refunded_minor + charged_back_minor <= received_minor
        )
        """,
        proves=(6,),
    ),
    Check(
        "payments_match_their_holds",
        "A payment for a hold has its payer, amount and currency; a funded hold has one that was received.",
        """
        SELECT format('payment %s', payment.id)
        FROM payments_payment AS payment JOIN payments_hold AS hold ON hold.id = payment.hold_id
        WHERE (payment.payer_id, payment.amount_minor, payment.currency)
            <> (hold.payer_id, hold.amount_minor, hold.currency)
        UNION ALL
        SELECT format('hold %s', hold.id) FROM payments_hold AS hold
        WHERE funded_minor > 0 AND 1 <> (
            SELECT count(*) FROM payments_payment WHERE hold_id = hold.id AND status = 'succeeded'
        )
        """,
        proves=(6,),
    ),
    Check(
        "refunds_match_their_payments",
        "What a payment says is refunded is the sum of its refunds, in its currency.",
        """
        SELECT format('payment %s says %s, its refunds %s', payment.id, refunded_minor, coalesce(sum(refund.amount_minor), 0))
        FROM payments_payment AS payment LEFT JOIN payments_refund AS refund ON refund.payment_id = payment.id
        GROUP BY payment.id
        HAVING refunded_minor <> coalesce(sum(refund.amount_minor), 0) OR bool_or(refund.currency <> payment.currency)
        """,
        proves=(6,),
    ),
    Check(
        "refunds_match_their_journals",
        "A refund left the ledger once if it was sent, and not at all if it is on its way or failed.",
        """
        SELECT format('refund %s is %s, the ledger sent %s', refund.id, status, coalesce(sent, 0))
        FROM payments_refund AS refund
        LEFT JOIN (
            SELECT split_part(split_part(journal.cause, ':', 2), '-', 1) AS refund_id, sum(line.amount_minor) AS sent
            FROM payments_journal AS journal
            JOIN payments_line AS line ON line.journal_id = journal.id
            JOIN payments_account AS account ON account.id = line.account_id AND account.kind IN ('provider', 'paypal')
            WHERE journal.kind IN ('refund_sent', 'reversal') AND journal.cause LIKE 'refund:%'
            GROUP BY 1
        ) AS books ON books.refund_id = refund.id::text
        WHERE coalesce(sent, 0) <> CASE status WHEN 'succeeded' THEN amount_minor ELSE 0 END
        """,
        proves=(6,),
    ),
    Check(
        "refunds_on_their_way_are_set_aside",
        "What is set aside for refunds is what refunds have not sent yet.",
        """
        SELECT format('%s %s is set aside, %s is due', coalesce(aside, 0), currency, coalesce(due, 0))
        FROM (
            SELECT currency, sum(balance_minor) AS aside FROM payments_account WHERE kind = 'refunds' GROUP BY currency
        ) AS accounts
        FULL JOIN (
            SELECT currency, sum(amount_minor) AS due FROM payments_refund WHERE status <> 'succeeded' GROUP BY currency
        ) AS refunds USING (currency)
        WHERE coalesce(aside, 0) <> coalesce(due, 0)
        """,
        proves=(6,),
    ),
    Check(
        "clearing_equals_received_minus_refunded",
        "The money that payments left at the providers is what was received less what was sent back.",
        """
        SELECT format('%s %s in the books, %s by the payments', coalesce(booked, 0), currency, coalesce(moved, 0))
        FROM (
            SELECT line.currency, -sum(line.amount_minor) AS booked
            FROM payments_line AS line
            JOIN payments_account AS account ON account.id = line.account_id
            JOIN payments_journal AS journal ON journal.id = line.journal_id
            WHERE account.kind IN ('provider', 'paypal')
                AND journal.kind IN ('fund', 'credit', 'refund_sent', 'reversal') AND journal.cause NOT LIKE 'payout%'
            GROUP BY line.currency
        ) AS accounts
        FULL JOIN (
            SELECT currency, sum(amount) AS moved
            FROM (
                SELECT currency, received_minor AS amount FROM payments_payment
                UNION ALL
                SELECT currency, -amount_minor FROM payments_refund WHERE status = 'succeeded'
            ) AS movements
            GROUP BY currency
        ) AS payments USING (currency)
        WHERE coalesce(booked, 0) <> coalesce(moved, 0)
        """,
        proves=(14,),
    ),
    Check(
        "the_ledger_is_guarded",
        "What keeps journals, lines, balances and terms from being changed by hand is in place and switched on.",
        f"""
        SELECT format('trigger %s of %s is missing or off', guard, watched)
        FROM (VALUES {_GUARDS}) AS guards (watched, guard)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger
            WHERE tgname = guard AND tgrelid = to_regclass(watched) AND tgenabled IN ('O', 'A')
        )
        """,  # noqa: S608 - our own words
        proves=(2,),
    ),
    Check(
        "corrections_mirror_what_they_correct",
        "A reversing journal takes back, line by line, another journal of the same cause.",
        """
        SELECT format('journal %s (%s)', reversal.id, reversal.cause)
        FROM payments_journal AS reversal
        WHERE reversal.kind = 'reversal' AND NOT EXISTS (
            SELECT FROM payments_journal AS corrected
            WHERE corrected.cause = replace(reversal.cause, 'payout-paid:', 'payout:')
                AND corrected.kind <> 'reversal' AND NOT EXISTS (
                SELECT account_id FROM payments_line WHERE journal_id IN (reversal.id, corrected.id)
                GROUP BY account_id HAVING sum(amount_minor) <> 0
            )
        )
        """,
        proves=(2,),
    ),
    Check(
        "journals_move_only_their_accounts",
        "Each kind of journal takes from and gives to the kinds of accounts that it may.",
        f"""
        SELECT format('journal %s (%s) moves %s by %s', line.journal_id, journal.kind, account.kind, line.amount_minor)
        FROM payments_line AS line
        JOIN payments_journal AS journal ON journal.id = line.journal_id
        JOIN payments_account AS account ON account.id = line.account_id
        WHERE (journal.kind, account.kind, sign(line.amount_minor)::int) NOT IN (VALUES {_ALLOWED})
        """,  # noqa: S608 - our own words
        proves=(4, 9),
    ),
    Check(
        "causes_are_used_once",
        "No cause made two journals of one kind.",
        """
        SELECT format('%s "%s" has %s journals', kind, cause, count(*))
        FROM payments_journal GROUP BY kind, cause HAVING count(*) > 1
        """,
        proves=(9,),
    ),
    Check(
        "frozen_holds_stay",
        "After a dispute froze a hold, nothing moved it before its outcome freed it.",
        """
        SELECT format('hold %s: %s after it was frozen', hold_id, move)
        FROM (
            SELECT hold_id, move, lag(move) OVER (PARTITION BY hold_id ORDER BY id) AS before
            FROM payments_holdevent
            WHERE hold_id IN (SELECT hold_id FROM payments_holdevent WHERE move = 'freeze')
        ) AS history
        WHERE before = 'freeze' AND move <> 'unfreeze'
        UNION ALL
        SELECT format('hold %s', hold.id)
        FROM payments_hold AS hold
        LEFT JOIN (
            SELECT DISTINCT ON (hold_id) hold_id, move FROM payments_holdevent
            WHERE move IN ('freeze', 'unfreeze') ORDER BY hold_id, id DESC
        ) AS latest ON latest.hold_id = hold.id
        WHERE (frozen_at IS NOT NULL) <> (coalesce(latest.move, '') = 'freeze')
        """,
        proves=(10,),
    ),
    Check(
        "events_are_stored_once",
        "No event of a provider is stored twice, and what is processed has no error left.",
        """
        SELECT format('event %s of %s is stored %s times', event_id, provider, count(*))
        FROM payments_providerevent GROUP BY provider, event_id HAVING count(*) > 1
        UNION ALL
        SELECT format('event %s', event_id) FROM payments_providerevent
        WHERE processed_at IS NOT NULL AND (last_error <> '' OR attempts = 0)
        """,
        proves=(13,),
    ),
    Check(
        "events_ended_where_they_should",
        "What a processed event calls final is what the payment or refund came to.",
        """
        SELECT format('event %s, payment %s is %s', event.event_id, payment.id, payment.status)
        FROM (
            SELECT event_id, type, payload #>> '{data,object,id}' AS intent_id,
                (payload #>> '{data,object,amount_received}')::bigint AS received
            FROM payments_providerevent
            WHERE type IN ('payment_intent.succeeded', 'payment_intent.canceled') AND processed_at IS NOT NULL
        ) AS event
        JOIN payments_payment AS payment ON payment.intent_id = event.intent_id
        WHERE (event.type = 'payment_intent.canceled' AND payment.status <> 'cancelled')
            OR (event.type = 'payment_intent.succeeded'
                AND (payment.status <> 'succeeded' OR payment.received_minor <> event.received))
        """,
        proves=(13,),
    ),
    Check(
        "provider_equals_books",
        "What moved at a provider less its clearing account is the open exceptions, and what is too new to be judged.",
        f"""
        WITH clearing (provider, kind) AS (VALUES {_CLEARING}),
        horizon AS (
            SELECT clearing.provider, kind, max(judged_until) AS judged_until
            FROM clearing LEFT JOIN payments_reconciliationrun AS run ON run.provider = clearing.provider
            GROUP BY clearing.provider, kind
        ),
        parts (provider, currency, minor) AS (
            SELECT provider, currency, sum(balance_minor)
            FROM payments_account JOIN clearing USING (kind) GROUP BY provider, currency
            UNION ALL
            SELECT provider, currency, sum(net_minor) FROM payments_providertransaction GROUP BY provider, currency
            UNION ALL
            SELECT provider, currency, -sum(amount_minor) FROM payments_reconciliationexception
            WHERE kind IN ({_MONEY_EXCEPTIONS}) AND resolved_at IS NULL GROUP BY provider, currency
            UNION ALL
            SELECT moved.provider, moved.currency, -sum(moved.amount_minor)
            FROM payments_providertransaction AS moved JOIN horizon ON horizon.provider = moved.provider
            WHERE moved.journal_id IS NULL AND (judged_until IS NULL OR moved.stored_at > judged_until)
            GROUP BY moved.provider, moved.currency
            UNION ALL
            SELECT horizon.provider, line.currency, -sum(line.amount_minor)
            FROM payments_account AS account
            JOIN horizon ON horizon.kind = account.kind
            JOIN payments_line AS line ON line.account_id = account.id
            JOIN payments_journal AS journal ON journal.id = line.journal_id
            WHERE (judged_until IS NULL OR journal.created_at > judged_until)
                AND journal.kind <> 'write_off'
                AND NOT EXISTS (SELECT FROM payments_providertransaction WHERE journal_id = journal.id)
                AND NOT EXISTS (
                    SELECT FROM payments_providertransaction
                    WHERE journal.kind = 'provider_fee' AND 'balance_transaction:' || transaction_id = journal.cause
                )
            GROUP BY horizon.provider, line.currency
        )
        SELECT format('%s %s at %s is unexplained', sum(minor), currency, provider)
        FROM parts GROUP BY provider, currency HAVING sum(minor) <> 0
        """,  # noqa: S608 - our own words
        proves=(14,),
    ),
    Check(
        "payouts_are_reserved",
        "What is set aside for a person's payouts is what is asked for and has neither arrived nor come back.",
        """
        SELECT format('person %s: %s %s is set aside, %s is on its way', person, coalesce(aside, 0), currency, coalesce(asked, 0))
        FROM (
            SELECT owner_id AS person, currency, sum(balance_minor) AS aside
            FROM payments_account WHERE kind = 'payouts' GROUP BY 1, 2
        ) AS accounts
        FULL JOIN (
            SELECT user_id AS person, currency, sum(amount_minor) AS asked FROM payments_payout
            WHERE status IN ('requested', 'awaiting_approval', 'sending', 'sent') GROUP BY 1, 2
        ) AS due USING (person, currency)
        WHERE coalesce(aside, 0) <> coalesce(asked, 0)
        """,
        proves=(12,),
    ),
    Check(
        "payouts_match_their_journals",
        "A payout was reserved once; it arrived once or came back once, as its status says, and never both.",
        """
        SELECT format('payout %s is %s; reserved %s, arrived %s, came back %s', payout.id, status, reserved, paid, back)
        FROM payments_payout AS payout
        CROSS JOIN LATERAL (
            SELECT
                coalesce(sum(line.amount_minor) FILTER (WHERE journal.kind = 'payout'), 0) AS reserved,
                -coalesce(sum(line.amount_minor) FILTER (WHERE journal.kind IN ('payout_paid', 'reversal')), 0) AS paid,
                -coalesce(sum(line.amount_minor) FILTER (WHERE journal.kind = 'payout_back'), 0) AS back
            FROM payments_journal AS journal
            JOIN payments_line AS line ON line.journal_id = journal.id
            JOIN payments_account AS account
                ON account.id = line.account_id AND account.kind = 'payouts' AND account.owner_id = payout.user_id
            WHERE journal.cause IN ('payout:' || payout.id, 'payout-paid:' || payout.id)
        ) AS books
        WHERE reserved <> amount_minor
            OR paid <> CASE WHEN status = 'paid' THEN amount_minor ELSE 0 END
            OR back <> CASE WHEN status IN ('failed', 'rejected', 'cancelled') THEN amount_minor ELSE 0 END
        """,
        proves=(12,),
    ),
    Check(
        "money_at_connected_accounts_is_on_its_way",
        "At connected accounts is what was transferred there and has neither arrived nor been taken back.",
        """
        SELECT format('%s %s in the books, %s by the payouts', coalesce(booked, 0), currency, coalesce(there, 0))
        FROM (
            SELECT currency, -sum(balance_minor) AS booked FROM payments_account WHERE kind = 'connected' GROUP BY 1
        ) AS accounts
        FULL JOIN (
            SELECT currency, sum(amount_minor) AS there FROM payments_payout
            WHERE transfer_id IS NOT NULL AND status <> 'paid' AND returned_at IS NULL GROUP BY 1
        ) AS transferred USING (currency)
        WHERE coalesce(booked, 0) <> coalesce(there, 0)
        """,
        proves=(12,),
    ),
    Check(
        "large_payouts_were_approved_by_two",
        "A payout that needs approval left only after two people other than the payee agreed.",
        """
        SELECT format('payout %s', payout.id) FROM payments_payout AS payout
        WHERE needs_approval AND status IN ('sending', 'sent', 'paid', 'failed') AND 2 > (
            SELECT count(DISTINCT staff_id) FROM payments_payoutapproval
            WHERE payout_id = payout.id AND staff_id <> payout.user_id
        )
        """,
        proves=(12,),
    ),
    Check(
        "chargebacks_match_their_journals",
        "A chargeback is in the ledger once if the bank took it, and reversed once if it gave it back.",
        """
        SELECT format('chargeback %s of %s: took %s, gave back %s', chargeback.id, amount_minor, took, gave)
        FROM payments_chargeback AS chargeback
        CROSS JOIN LATERAL (
            SELECT
                coalesce(sum(line.amount_minor) FILTER (WHERE journal.kind = 'chargeback'), 0) AS took,
                -coalesce(sum(line.amount_minor) FILTER (WHERE journal.kind = 'chargeback_won'), 0) AS gave
            FROM payments_journal AS journal
            JOIN payments_line AS line ON line.journal_id = journal.id
            JOIN payments_account AS account ON account.id = line.account_id AND account.kind IN ('provider', 'paypal')
            WHERE journal.cause = 'chargeback:' || chargeback.id
        ) AS books
        WHERE took <> CASE WHEN taken_at IS NULL THEN 0 ELSE amount_minor END
            OR gave <> CASE WHEN given_back_at IS NULL THEN 0 ELSE amount_minor END
        """,
        proves=(6,),
    ),
    Check(
        "chargebacks_match_their_payments",
        "What counts against a payment as charged back is the sum of its chargebacks.",
        """
        SELECT format('payment %s says %s, its chargebacks %s', payment.id, charged_back_minor, coalesce(sum(counted_minor), 0))
        FROM payments_payment AS payment LEFT JOIN payments_chargeback AS chargeback ON chargeback.payment_id = payment.id
        GROUP BY payment.id HAVING charged_back_minor <> coalesce(sum(counted_minor), 0)
        """,
        proves=(6,),
    ),
    Check(
        "chargebacks_take_no_earnings",
        "No chargeback moved what somebody earned.",
        """
        SELECT format('journal %s', journal.id)
        FROM payments_journal AS journal
        JOIN payments_line AS line ON line.journal_id = journal.id
        JOIN payments_account AS account ON account.id = line.account_id
        WHERE journal.kind IN ('chargeback', 'chargeback_won') AND account.kind IN ('available', 'payouts')
        """,
        proves=(4,),
    ),
    Check(
        "nobody_has_credit_and_a_debt",
        "Credit settles what a person owes before anything else.",
        """
        SELECT format('person %s: %s %s of credit, %s owed', owner_id, credit.balance_minor, currency, -debt.balance_minor)
        FROM payments_account AS credit
        JOIN payments_account AS debt USING (owner_id, currency)
        WHERE credit.kind = 'credit' AND debt.kind = 'debt' AND credit.balance_minor > 0 AND debt.balance_minor < 0
        """,
        proves=(4,),
    ),
    Check(
        "frozen_holds_stand_still",
        "What is in dispute moves only by its outcome: nothing of a frozen hold moved since it was frozen.",
        """
        SELECT DISTINCT format('hold %s', hold.id)
        FROM payments_hold AS hold JOIN payments_journal AS journal ON journal.hold_id = hold.id
        WHERE hold.frozen_at IS NOT NULL AND journal.created_at > hold.frozen_at
        """,
        proves=(10,),
    ),
    Check(
        "documents_match_their_journals",
        "A receipt, invoice or credit note says what its journal moved, to whom it belongs.",
        """
        SELECT format('document %s says %s (tax %s), its journal %s (tax %s)', document.id, total_minor, tax_minor, moved, taxes)
        FROM payments_document AS document
        JOIN payments_journal AS journal ON journal.id = document.journal_id
        LEFT JOIN payments_hold AS hold ON hold.id = journal.hold_id
        LEFT JOIN payments_payment AS payment ON payment.id = document.payment_id
        LEFT JOIN payments_subscription AS subscription ON subscription.id = document.subscription_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE
                    WHEN journal.kind = 'release' THEN CASE account.kind WHEN 'fees' THEN line.amount_minor END
                    WHEN journal.kind = 'refund' THEN CASE account.kind WHEN 'refunds' THEN line.amount_minor END
                    WHEN account.kind IN ('provider', 'paypal') THEN -line.amount_minor
                END), 0) AS moved,
                coalesce(sum(line.amount_minor) FILTER (WHERE account.kind = 'taxes'), 0) AS taxes,
                bool_and(line.currency = document.currency) AS same_currency
            FROM payments_line AS line JOIN payments_account AS account ON account.id = line.account_id
            WHERE line.journal_id = journal.id
        ) AS books
        WHERE total_minor <> moved
            OR NOT same_currency
            OR (journal.kind = 'subscription' AND tax_minor <> taxes)
            OR document.recipient_id IS DISTINCT FROM CASE
                WHEN document.kind IN ('receipt', 'credit_note') THEN payment.payer_id
                WHEN journal.kind = 'release' THEN hold.payee_id
                ELSE subscription.user_id
            END
        """,
        proves=(9,),
    ),
    Check(
        "document_numbers_have_no_gaps",
        "The documents of a kind and year are numbered from 1 to the last number given.",
        """
        SELECT format('%s %s: %s documents, last number %s, counter %s', kind, year, made, highest, coalesce(last, 0))
        FROM (
            SELECT kind, year, count(*) AS made, max(number) AS highest FROM payments_document GROUP BY kind, year
        ) AS documents
        FULL JOIN payments_documentcounter USING (kind, year)
        WHERE made IS DISTINCT FROM highest OR made IS DISTINCT FROM last
        """,
        proves=(9,),
    ),
    Check(
        "money_has_its_document",
        "Since documents are made, every payment has a receipt, and every fee and subscription an invoice.",
        """
        SELECT format('journal %s (%s) has no document', journal.id, journal.kind)
        FROM payments_journal AS journal
        WHERE journal.id > (SELECT min(journal_id) FROM payments_document)
            AND (
                journal.kind IN ('fund', 'credit', 'subscription')
                OR (journal.kind = 'release' AND EXISTS (
                    SELECT FROM payments_line AS line JOIN payments_account AS account ON account.id = line.account_id
                    WHERE line.journal_id = journal.id AND account.kind = 'fees'
                ))
            )
            AND NOT EXISTS (
                SELECT FROM payments_document AS document
                WHERE document.journal_id = journal.id
                    AND document.kind = CASE WHEN journal.kind IN ('fund', 'credit') THEN 'receipt' ELSE 'invoice' END
            )
        """,
        proves=(9,),
    ),
    Check(
        "what_goes_back_has_its_credit_note",
        "The credit notes of a payment that has a receipt say what of it was refunded, and correct that receipt.",
        """
        SELECT format('payment %s: %s goes back, its credit notes say %s', payment.id, refunded_minor, noted)
        FROM payments_payment AS payment
        JOIN payments_document AS receipt ON receipt.payment_id = payment.id AND receipt.kind = 'receipt'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(total_minor), 0) AS noted FROM payments_document AS note
            WHERE note.payment_id = payment.id AND note.kind = 'credit_note'
                AND (note.payload #>> '{corrects,id}')::bigint = receipt.id
        ) AS notes
        WHERE refunded_minor <> noted
        """,
        proves=(9,),
    ),
    Check(
        "money_is_at_the_provider_that_took_it",
        "What a payment brought, and what of it went back, is booked at the provider that the payment was made by.",
        """
        SELECT format('journal %s of payment %s is at %s', journal.id, payment.id, account.kind)
        FROM payments_journal AS journal
        JOIN payments_line AS line ON line.journal_id = journal.id
        JOIN payments_account AS account ON account.id = line.account_id AND account.kind IN ('provider', 'paypal')
        LEFT JOIN payments_refund AS refund
            ON journal.kind IN ('refund_sent', 'reversal')
            AND split_part(split_part(journal.cause, ':', 2), '-', 1) = refund.id::text AND cause LIKE 'refund:%'
        JOIN payments_payment AS payment
            ON payment.id = refund.payment_id
            OR (journal.kind IN ('fund', 'credit') AND journal.cause = 'payment:' || payment.id)
        WHERE account.kind <> CASE payment.provider WHEN 'paypal' THEN 'paypal' ELSE 'provider' END
        """,
        proves=(14,),
    ),
)
