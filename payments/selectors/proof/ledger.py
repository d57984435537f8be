"""Journals, lines and accounts: they balance, re-add, name their cause, and nobody can change them."""

from payments.rules import MAY_BE_NEGATIVE, SIDES, AccountKind
from payments.selectors.proof.check import Check, values

# Which account a journal may lower (-1) or raise (1).
_ALLOWED = ", ".join(
    f"('{kind}', '{account}', {sign})"
    for kind, sides in SIDES.items()
    for sign, accounts in ((-1, sides.takes), (1, sides.gives))
    for account in sorted(accounts)
)
_NOT_NEGATIVE = ", ".join(f"'{kind}'" for kind in AccountKind if kind not in MAY_BE_NEGATIVE)
# What keeps the books while they are written: (table, trigger).
_GUARDS = values(
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
        "journals_name_their_cause",
        "Every journal names what made it, and that exists.",
        """
        SELECT format('journal %s (%s) is caused by "%s"', journal.id, kind, cause)
        FROM payments_journal AS journal
        LEFT JOIN payments_payment AS payment
            ON kind IN ('fund', 'credit', 'subscription') AND payment.status = 'succeeded'
            AND cause = coalesce('invoice:' || payment.invoice_id, 'payment:' || payment.id)
            AND (kind <> 'fund' OR payment.hold_id = journal.hold_id)
        LEFT JOIN payments_refund AS refund
            ON kind IN ('refund_sent', 'reversal') AND split_part(split_part(cause, ':', 2), '-', 1) = refund.id::text
            AND cause LIKE 'refund:%'
        LEFT JOIN payments_payout AS payout ON replace(cause, 'payout-paid:', 'payout:') = 'payout:' || payout.id
        LEFT JOIN payments_chargeback AS chargeback
            ON kind IN ('chargeback', 'chargeback_won') AND cause = 'chargeback:' || chargeback.id
        WHERE cause = ''
            OR (kind IN ('fund', 'credit', 'subscription') AND payment.id IS NULL)
            OR (kind = 'subscription') <> (payment.subscription_id IS NOT NULL)
            OR (kind = 'refund_sent' AND refund.id IS NULL)
            OR (kind = 'reversal' AND refund.id IS NULL AND payout.id IS NULL)
            OR (kind IN ('payout', 'payout_sent', 'payout_paid', 'payout_back') AND payout.id IS NULL)
            OR (kind IN ('chargeback', 'chargeback_won') AND chargeback.id IS NULL)
            OR (kind IN ('fund', 'release') AND journal.hold_id IS NULL)
        """,
        proves=(9,),
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
)
