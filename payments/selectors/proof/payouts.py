"""Payouts: reserved, approved, and arrived or come back once."""

from payments.selectors.proof.check import Check

CHECKS = (
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
            WHERE journal.kind IN ('payout', 'payout_paid', 'payout_back', 'reversal')
                AND journal.cause IN ('payout:' || payout.id, 'payout-paid:' || payout.id)
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
)
