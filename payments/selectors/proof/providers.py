"""What providers say against the books: their events, and what moved there."""

from payments.rules import CLEARING, MONEY_EXCEPTIONS
from payments.selectors.proof.check import Check, values

_CLEARING = values(*((str(provider), str(kind)) for provider, kind in CLEARING.items()))
_MONEY_EXCEPTIONS = ", ".join(f"'{kind}'" for kind in MONEY_EXCEPTIONS)

CHECKS = (
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
                AND journal.kind IN ('fund', 'credit', 'subscription', 'refund_sent', 'reversal')
                AND journal.cause NOT LIKE 'payout%'
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
        "money_is_at_the_provider_that_took_it",
        "What a payment brought, and what of it went back, is booked at the provider that the payment was made by.",
        """
        SELECT format('journal %s of payment %s is at %s', journal.id, payment.id, account.kind)
        FROM (
            SELECT journal.id, payment.id AS payment_id
            FROM payments_journal AS journal
            JOIN payments_payment AS payment
                ON journal.cause = coalesce('invoice:' || payment.invoice_id, 'payment:' || payment.id)
            WHERE journal.kind IN ('fund', 'credit', 'subscription')
            UNION ALL
            SELECT journal.id, refund.payment_id
            FROM payments_journal AS journal
            JOIN payments_refund AS refund
                ON split_part(split_part(journal.cause, ':', 2), '-', 1) = refund.id::text
            WHERE journal.kind IN ('refund_sent', 'reversal') AND journal.cause LIKE 'refund:%'
        ) AS journal
        JOIN payments_payment AS payment ON payment.id = journal.payment_id
        JOIN payments_line AS line ON line.journal_id = journal.id
        JOIN payments_account AS account ON account.id = line.account_id AND account.kind IN ('provider', 'paypal')
        WHERE account.kind <> CASE payment.provider WHEN 'paypal' THEN 'paypal' ELSE 'provider' END
        """,
        proves=(14,),
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
)
