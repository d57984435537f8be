"""Payments and their refunds: each is in the books once, with what came and what went back."""

from payments.selectors.proof.check import Check

CHECKS = (
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
            WHERE journal.kind IN ('fund', 'credit', 'subscription')
            GROUP BY journal.cause
        ) AS books ON books.cause = coalesce('invoice:' || payment.invoice_id, 'payment:' || payment.id)
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
            SELECT currency, sum(amount_minor) AS due FROM payments_refund
            WHERE status IN ('pending', 'failed') GROUP BY currency
        ) AS refunds USING (currency)
        WHERE coalesce(aside, 0) <> coalesce(due, 0)
        """,
        proves=(6,),
    ),
    Check(
        "refunds_name_what_set_them_aside",
        "Every refund names the journal that set its money aside.",
        """
        SELECT format('refund %s of %s was set aside by journal %s with %s', refund.id, amount_minor, journal_id, aside)
        FROM payments_refund AS refund
        LEFT JOIN (
            SELECT journal.id, sum(line.amount_minor) AS aside
            FROM payments_journal AS journal
            JOIN payments_line AS line ON line.journal_id = journal.id
            JOIN payments_account AS account ON account.id = line.account_id AND account.kind = 'refunds'
            WHERE journal.kind = 'refund'
            GROUP BY journal.id
        ) AS books ON books.id = refund.journal_id
        WHERE aside IS DISTINCT FROM amount_minor
        """,
        proves=(9,),
    ),
)
