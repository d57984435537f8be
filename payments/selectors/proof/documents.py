"""Receipts, invoices and credit notes: one for what moved, numbered without gaps."""

from payments.selectors.proof.check import Check

CHECKS = (
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
                    WHEN journal.kind IN ('chargeback', 'chargeback_won')
                    THEN CASE WHEN account.kind IN ('subscriptions', 'taxes') THEN abs(line.amount_minor) END
                    WHEN account.kind IN ('provider', 'paypal') THEN -line.amount_minor
                END), 0) AS moved,
                abs(coalesce(sum(line.amount_minor) FILTER (WHERE account.kind = 'taxes'), 0)) AS taxes,
                bool_and(line.currency = document.currency) AS same_currency
            FROM payments_line AS line JOIN payments_account AS account ON account.id = line.account_id
            WHERE line.journal_id = journal.id
        ) AS books
        WHERE total_minor <> moved
            OR NOT same_currency
            OR (journal.kind <> 'release' AND tax_minor <> taxes)
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
        "plans_go_back_by_their_documents",
        "What went back of a plan's payment is what its documents say, net and tax in the proportion of its invoice.",
        """
        SELECT format('payment %s of %s: %s went back, its documents say %s (tax %s of %s)',
            payment.id, received_minor, refunded_minor + charged_back_minor, back.total, back.tax, invoice.tax_minor)
        FROM payments_payment AS payment
        LEFT JOIN payments_journal AS journal
            ON journal.kind = 'subscription' AND journal.cause = 'invoice:' || payment.invoice_id
        LEFT JOIN payments_document AS invoice ON invoice.journal_id = journal.id AND invoice.kind = 'invoice'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE kind WHEN 'credit_note' THEN total_minor ELSE -total_minor END), 0) AS total,
                coalesce(sum(CASE kind WHEN 'credit_note' THEN tax_minor ELSE -tax_minor END), 0) AS tax,
                count(*) AS made
            FROM payments_document WHERE payment_id = payment.id
        ) AS back
        WHERE payment.subscription_id IS NOT NULL AND (
            invoice.id IS NULL
            OR back.total <> refunded_minor + charged_back_minor
            OR back.tax NOT BETWEEN 0 AND invoice.tax_minor
            OR back.total - back.tax NOT BETWEEN 0 AND invoice.net_minor
            OR abs(back.tax * received_minor - invoice.tax_minor * back.total) > received_minor * (1 + made)
        )
        """,
        proves=(6, 9),
    ),
)
