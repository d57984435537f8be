"""Books of a million lines that are right, filled in by SQL: deals that were paid in, released, and seen at the provider."""

from django.db import connection, transaction

from core.money import EXPONENTS
from payments.models import Account, Line

LINES_PER_DEAL = 7
# 100 units paid in with a fee of the provider of 3, and released with a fee of ours of 10.
FILL = """
CREATE TEMPORARY TABLE deal ON COMMIT DROP AS
SELECT n, payer.id AS payer_id, payee.id AS payee_id, now() - interval '30 days' + n * interval '2 s' AS moment,
    (SELECT coalesce(max(id), 0) FROM payments_hold) + n AS hold_id,
    (SELECT coalesce(max(id), 0) FROM payments_payment) + n AS payment_id,
    (SELECT coalesce(max(id), 0) FROM payments_journal) + n * 3 AS journal_id,
    (SELECT coalesce(max(id), 0) FROM payments_line) + n * 7 AS line_id,
    (SELECT coalesce(max(id), 0) FROM payments_account) + 10 * (SELECT count(*) FROM accounts_user) + n AS account_id
FROM generate_series(1, %(deals)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_user) AS payer
    ON payer.place = n %% (SELECT count(*) FROM accounts_user)
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_user) AS payee
    ON payee.place = (n + 1) %% (SELECT count(*) FROM accounts_user);

INSERT INTO payments_hold (id, purpose, title, url, payer_id, payee_id, amount_minor, currency, fee_bps, status,
    funded_minor, released_minor, fee_minor, refunded_minor, held_minor, funded_at, created_at, updated_at)
SELECT hold_id, 'milestone', 'Benchmark', '', payer_id, payee_id, 100, %(currency)s, 1000, 'released',
    100, 90, 10, 0, 0, moment, moment, moment
FROM deal;
INSERT INTO payments_holdevent (hold_id, move, from_status, to_status, reason, created_at)
SELECT hold_id, move, '', '', '', moment FROM deal, (VALUES ('open'), ('fund'), ('release')) AS moves (move);
INSERT INTO payments_payment (id, token, payer_id, hold_id, amount_minor, currency, provider, capture_method, description,
    metadata, status, intent_id, client_secret, attempt, received_minor, refunded_minor, charged_back_minor, method_label,
    receipt_url, approval_url, failure_code, failure_message, created_at, updated_at)
SELECT payment_id, gen_random_uuid(), payer_id, hold_id, 100, %(currency)s, 'stripe', 'automatic', 'Benchmark', '{}',
    'succeeded', 'pi_bench_' || payment_id, '', 1, 100, 0, 0, '', '', '', '', '', moment, moment
FROM deal;
INSERT INTO payments_providerevent (provider, event_id, type, live_mode, payload, received_at, processed_at, attempts,
    last_error)
SELECT 'stripe', 'evt_bench_' || payment_id, 'payment_intent.succeeded', false,
    jsonb_build_object('data', jsonb_build_object('object', jsonb_build_object(
        'object', 'payment_intent', 'id', 'pi_bench_' || payment_id, 'amount', 100, 'amount_received', 100,
        'currency', lower(%(currency)s), 'status', 'succeeded'))), moment, moment, 1, ''
FROM deal;

INSERT INTO payments_account (kind, owner_id, hold_id, currency, balance_minor, created_at)
SELECT kind, NULL::bigint, NULL::bigint, %(currency)s, 0, now() FROM (VALUES ('provider'), ('fees'), ('costs')) AS kinds (kind)
UNION ALL
SELECT 'available', payee_id, NULL, %(currency)s, 0, now() FROM deal GROUP BY payee_id;
INSERT INTO payments_account (id, kind, owner_id, hold_id, currency, balance_minor, created_at)
SELECT account_id, 'held', NULL, hold_id, %(currency)s, 0, now() FROM deal;

INSERT INTO payments_journal (id, kind, cause, memo, hold_id, posted_in, created_at)
SELECT journal_id, 'fund', 'payment:' || payment_id, '', hold_id, 0, moment FROM deal
UNION ALL
SELECT journal_id + 1, 'provider_fee', 'balance_transaction:txn_bench_' || payment_id, '', NULL, 0, moment FROM deal
UNION ALL
SELECT journal_id + 2, 'release', 'bench:' || payment_id, '', hold_id, 0, moment FROM deal;
INSERT INTO payments_document (kind, year, number, recipient_id, journal_id, payment_id, title, net_minor, tax_minor,
    total_minor, currency, payload, created_at)
SELECT 'receipt', 2000, n, payer_id, journal_id, payment_id, 'Benchmark', 100, 0, 100, %(currency)s, '{}'::jsonb, moment FROM deal
UNION ALL
SELECT 'invoice', 2000, n, payee_id, journal_id + 2, NULL, 'Benchmark', 10, 0, 10, %(currency)s, '{}'::jsonb, moment FROM deal;
INSERT INTO payments_documentcounter (kind, year, last)
SELECT kind, 2000, %(deals)s FROM (VALUES ('receipt'), ('invoice')) AS kinds (kind);
INSERT INTO payments_providertransaction (provider, transaction_id, type, amount_minor, fee_minor, net_minor, currency,
    source_id, parent_id, created_at, stored_at, journal_id)
SELECT 'stripe', 'txn_bench_' || payment_id, 'charge', 100, 3, 97, %(currency)s, 'ch_bench_' || payment_id,
    'pi_bench_' || payment_id, moment, moment, journal_id
FROM deal;

INSERT INTO payments_line (id, journal_id, account_id, amount_minor, currency, balance_after_minor)
SELECT line_id, journal_id, account_id, amount, %(currency)s, sum(amount) OVER (PARTITION BY account_id ORDER BY line_id)
FROM (
    SELECT deal.line_id + place AS line_id, journal_id + journal AS journal_id,
        CASE part.kind WHEN 'held' THEN deal.account_id WHEN 'available' THEN earned.id ELSE shared.id END AS account_id,
        amount
    FROM deal
    CROSS JOIN (VALUES (0, 0, 'provider', -100), (1, 0, 'held', 100), (2, 1, 'provider', 3), (3, 1, 'costs', -3),
        (4, 2, 'held', -100), (5, 2, 'fees', 10), (6, 2, 'available', 90)) AS part (place, journal, kind, amount)
    LEFT JOIN payments_account AS shared ON shared.kind = part.kind AND shared.currency = %(currency)s
        AND shared.owner_id IS NULL AND shared.hold_id IS NULL
    LEFT JOIN payments_account AS earned ON part.kind = 'available' AND earned.kind = 'available'
        AND earned.owner_id = payee_id AND earned.currency = %(currency)s
) AS parts;
UPDATE payments_account SET balance_minor = sums.minor
FROM (SELECT account_id, sum(amount_minor) AS minor FROM payments_line WHERE currency = %(currency)s GROUP BY account_id) AS sums
WHERE account_id = payments_account.id;
"""
SEQUENCES = ("hold", "payment", "journal", "line", "account")


def fill_books(lines: int) -> int:
    """Add deals until the ledger has at least so many lines, in a currency that nobody uses yet. How many it has then."""
    missing = lines - Line.objects.count()
    if missing > 0:
        used = set(Account.objects.values_list("currency", flat=True))
        currency = next(code for code in sorted(EXPONENTS) if code not in used)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # triggers would post line by line
            cursor.execute(_with_values(FILL, deals=-(-missing // LINES_PER_DEAL), currency=currency))
        with connection.cursor() as cursor:
            for name in SEQUENCES:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('payments_{name}', 'id'), max(id)) FROM payments_{name}"  # noqa: S608
                )
            cursor.execute("ANALYZE")
    return Line.objects.count()


def _with_values(text: str, *, deals: int, currency: str) -> str:
    """Several statements at once take no parameters; these are our own."""
    return text.replace("%(deals)s", str(deals)).replace("%(currency)s", f"'{currency}'").replace("%%", "%")
