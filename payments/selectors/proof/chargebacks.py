"""Chargebacks, and what people owe after them."""

from payments.selectors.proof.check import Check

CHECKS = (
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
            WHERE journal.kind IN ('chargeback', 'chargeback_won') AND journal.cause = 'chargeback:' || chargeback.id
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
)
