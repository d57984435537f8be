"""The proof that the books are right: assertions about money, each one SQL statement that finds what breaks it."""

from typing import NamedTuple

from django.db import connection

SHOWN = 5


class Check(NamedTuple):
    """`sql` selects one text for each offender; none is right."""

    name: str
    truth: str
    sql: str


class Finding(NamedTuple):
    check: Check
    offenders: int
    examples: list[str]


def prove() -> list[Finding]:
    """Try every assertion, each on one consistent view of the database."""
    return [_try(check) for check in CHECKS]


def _try(check: Check) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(what ORDER BY what))[1:{SHOWN}] FROM ({check.sql}) AS offenders (what)"  # noqa: S608 - our own text
        )
        offenders, examples = cursor.fetchone()
    return Finding(check, offenders, examples or [])


CHECKS = (
    Check(
        "journals_have_two_lines",
        "Every journal has at least two lines.",
        """
        SELECT format('journal %s has %s', journal.id, count(line.id))
        FROM payments_journal AS journal LEFT JOIN payments_line AS line ON line.journal_id = journal.id
        GROUP BY journal.id HAVING count(line.id) < 2
        """,
    ),
    Check(
        "journals_sum_to_zero",
        "Every journal sums to zero in each currency.",
        """
        SELECT format('journal %s: %s %s', journal_id, sum(amount_minor), currency)
        FROM payments_line GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0
        """,
    ),
    Check(
        "journals_have_one_currency",
        "No journal mixes currencies.",
        """
        SELECT format('journal %s', journal_id)
        FROM payments_line GROUP BY journal_id HAVING count(DISTINCT currency) > 1
        """,
    ),
    Check(
        "ledger_sums_to_zero",
        "All accounts together sum to zero in each currency.",
        """
        SELECT format('%s %s', sum(balance_minor), currency)
        FROM payments_account GROUP BY currency HAVING sum(balance_minor) <> 0
        """,
    ),
    Check(
        "lines_are_in_the_currency_of_their_account",
        "Every line is in the currency of its account.",
        """
        SELECT format('line %s', line.id)
        FROM payments_line AS line JOIN payments_account AS account ON account.id = line.account_id
        WHERE line.currency <> account.currency
        """,
    ),
    Check(
        "balances_equal_their_lines",
        "Every cached balance equals the sum of its account's lines.",
        """
        SELECT format('account %s has %s, its lines %s', account.id, balance_minor, coalesce(sum(amount_minor), 0))
        FROM payments_account AS account LEFT JOIN payments_line AS line ON line.account_id = account.id
        GROUP BY account.id HAVING balance_minor <> coalesce(sum(amount_minor), 0)
        """,
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
    ),
    Check(
        "accounts_are_not_negative",
        "Held, wallet, credit, fee and refund accounts are never below zero.",
        """
        SELECT format('account %s (%s) has %s %s', id, kind, balance_minor, currency)
        FROM payments_account WHERE kind NOT IN ('provider', 'paypal', 'connected', 'costs', 'losses', 'debt') AND balance_minor < 0
        """,
    ),
    Check(
        "holds_add_up",
        "Of every hold: funded = released + fee + refunded + still held.",
        """
        SELECT format('hold %s', id) FROM payments_hold
        WHERE funded_minor <> released_minor + fee_minor + refunded_minor + held_minor
        """,
    ),
    Check(
        "holds_are_funded_whole",
        "A hold is funded wholly or not at all.",
        "SELECT format('hold %s', id) FROM payments_hold WHERE funded_minor NOT IN (0, amount_minor)",
    ),
    Check(
        "holds_match_their_accounts",
        "What a hold says is held is on its account.",
        """
        SELECT format('hold %s says %s, its account %s', hold.id, held_minor, coalesce(balance_minor, 0))
        FROM payments_hold AS hold LEFT JOIN payments_account AS account ON account.hold_id = hold.id
        WHERE held_minor <> coalesce(balance_minor, 0) OR account.currency <> hold.currency
        """,
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
    ),
    Check(
        "fees_are_the_agreed_share",
        "The fee of a hold is its agreed share of what was released, rounded once; fee + net = gross.",
        """
        SELECT format('hold %s has a fee of %s on %s', id, fee_minor, released_minor + fee_minor)
        FROM payments_hold WHERE fee_minor <> ((released_minor + fee_minor) * fee_bps + 5000) / 10000
        """,
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
    ),
    Check(
        "chargebacks_match_their_payments",
        "What counts against a payment as charged back is the sum of its chargebacks.",
        """
        SELECT format('payment %s says %s, its chargebacks %s', payment.id, charged_back_minor, coalesce(sum(counted_minor), 0))
        FROM payments_payment AS payment LEFT JOIN payments_chargeback AS chargeback ON chargeback.payment_id = payment.id
        GROUP BY payment.id HAVING charged_back_minor <> coalesce(sum(counted_minor), 0)
        """,
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
    ),
    Check(
        "milestones_match_their_holds",
        "A milestone is held, released or refunded as the money of its hold says.",
        """
        SELECT format('milestone %s is %s, its hold %s', milestone.id, milestone.status, coalesce(hold.status, 'missing'))
        FROM contracts_milestone AS milestone LEFT JOIN payments_hold AS hold ON hold.id = milestone.hold_id
        WHERE CASE milestone.status
            WHEN 'pending' THEN coalesce(hold.status, 'pending') NOT IN ('pending', 'cancelled')
            WHEN 'released' THEN coalesce(hold.held_minor > 0 OR hold.released_minor = 0, true)
            WHEN 'refunded' THEN coalesce(hold.held_minor > 0 OR hold.refunded_minor = 0, true)
            WHEN 'disputed' THEN false
            ELSE hold.status IS DISTINCT FROM 'held'
        END
        """,
    ),
    Check(
        "bonuses_are_given_whole",
        "A bonus that was paid in is the freelancer's, and none is held.",
        """
        SELECT format('bonus %s: hold %s is %s', bonus.id, hold.id, hold.status)
        FROM contracts_bonus AS bonus JOIN payments_hold AS hold ON hold.id = bonus.hold_id
        WHERE hold.held_minor <> 0 OR (hold.funded_minor > 0 AND hold.status <> 'released')
        """,
    ),
    Check(
        "terms_are_as_they_were_accepted",
        "The kept terms of every contract still have their fingerprint, and both sides accepted each version.",
        """
        SELECT format('terms %s', terms.id) FROM contracts_termsversion AS terms
        WHERE terms.sha256 <> encode(sha256(convert_to(terms.text, 'UTF8')), 'hex')
            OR 2 <> (SELECT count(*) FROM contracts_termsacceptance WHERE terms_id = terms.id)
        """,
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
    ),
)
