"""Money held for work: it adds up, its fee is as agreed, and what is frozen stays."""

from payments.selectors.proof.check import Check

CHECKS = (
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
        "frozen_holds_stand_still",
        "What is in dispute moves only by its outcome: nothing of a frozen hold moved since it was frozen.",
        """
        SELECT DISTINCT format('hold %s', hold.id)
        FROM payments_hold AS hold JOIN payments_journal AS journal ON journal.hold_id = hold.id
        WHERE hold.frozen_at IS NOT NULL AND journal.created_at > hold.frozen_at
        """,
        proves=(10,),
    ),
)
