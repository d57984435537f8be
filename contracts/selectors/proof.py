"""What contracts add to the proof of the books."""

from payments.selectors import Check

CHECKS = (
    Check(
        "silence_releases_only_in_time",
        "The system approved only work that was handed in and whose stored deadline had passed.",
        """
        SELECT format('milestone %s', milestone.id)
        FROM contracts_milestoneevent AS approval
        JOIN contracts_milestone AS milestone ON milestone.id = approval.milestone_id
        WHERE approval.move = 'approve' AND approval.actor_id IS NULL
            AND (approval.from_status <> 'submitted' OR lapsed_at IS NULL OR lapsed_at > clock_timestamp())
        UNION ALL
        SELECT format('milestone %s lapsed without an approval by the system', milestone.id)
        FROM contracts_milestone AS milestone
        WHERE lapsed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM contracts_milestoneevent AS approval
            WHERE approval.milestone_id = milestone.id AND approval.move = 'approve' AND approval.actor_id IS NULL
        )
        UNION ALL
        SELECT 'nothing compares deadlines with the clock of the database'
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgname = 'contracts_milestone_lapses_in_time' AND tgenabled IN ('O', 'A')
        )
        """,
        proves=(11,),
    ),
    Check(
        "milestones_match_their_holds",
        "A milestone is held, released or refunded as the money of its hold says.",
        """
        SELECT format('milestone %s is %s, its hold %s', milestone.id, milestone.status, coalesce(hold.status, 'missing'))
        FROM contracts_milestone AS milestone LEFT JOIN payments_hold AS hold ON hold.id = milestone.hold_id
        WHERE CASE milestone.status
            WHEN 'pending' THEN coalesce(hold.status, 'pending') NOT IN ('pending', 'cancelled')
            WHEN 'released' THEN coalesce(hold.held_minor > 0 OR hold.released_minor + hold.fee_minor = 0, true)
            WHEN 'refunded' THEN coalesce(hold.held_minor > 0 OR hold.refunded_minor = 0, true)
            WHEN 'disputed' THEN false
            ELSE hold.status IS DISTINCT FROM 'held'
        END
        """,
        proves=(5,),
    ),
    Check(
        "bonuses_are_given_whole",
        "A bonus that was paid in is the freelancer's, and none is held.",
        """
        SELECT format('bonus %s: hold %s is %s', bonus.id, hold.id, hold.status)
        FROM contracts_bonus AS bonus JOIN payments_hold AS hold ON hold.id = bonus.hold_id
        WHERE hold.held_minor <> 0 OR (hold.funded_minor > 0 AND hold.status <> 'released')
        """,
        proves=(5,),
    ),
    Check(
        "terms_are_as_they_were_accepted",
        "Every contract has its terms; they still have their fingerprint, and both sides accepted each version.",
        """
        SELECT format('contract %s has no terms', contract.id) FROM contracts_contract AS contract
        WHERE NOT EXISTS (SELECT FROM contracts_termsversion WHERE contract_id = contract.id)
        UNION ALL
        SELECT format('terms %s', terms.id) FROM contracts_termsversion AS terms
        WHERE terms.sha256 <> encode(sha256(convert_to(terms.text, 'UTF8')), 'hex')
            OR 2 <> (SELECT count(*) FROM contracts_termsacceptance WHERE terms_id = terms.id)
        UNION ALL
        SELECT format('nothing keeps the rows of %s', watched)
        FROM (VALUES
            ('contracts_termsversion', 'contracts_terms_append_only'),
            ('contracts_termsacceptance', 'contracts_acceptance_append_only')
        ) AS guards (watched, guard)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger
            WHERE tgname = guard AND tgrelid = to_regclass(watched) AND tgenabled IN ('O', 'A')
        )
        """,
        proves=(7,),
    ),
    Check(
        "weeks_say_what_was_paid",
        "What a week of hours says was released is what its hold released, fee included.",
        """
        SELECT format('week %s says %s, its hold paid %s', week.id, billed_minor, released_minor + fee_minor)
        FROM contracts_timesheet AS week JOIN payments_hold AS hold ON hold.id = week.hold_id
        WHERE billed_minor <> released_minor + fee_minor
        """,
        proves=(5,),
    ),
    Check(
        "hours_stay_within_their_week",
        "Hours lie within their week, and come to no more than its cap.",
        """
        SELECT format('week %s', week.id)
        FROM contracts_timesheet AS week JOIN contracts_timeentry AS entry ON entry.timesheet_id = week.id
        GROUP BY week.id
        HAVING sum(minutes) > cap_minutes
            OR min(started_at) < week_start::timestamp AT TIME ZONE 'UTC'
            OR max(coalesce(ended_at, started_at)) > (week_start + 7)::timestamp AT TIME ZONE 'UTC'
        """,
        proves=(7,),
    ),
    Check(
        "disputes_are_about_what_is_held",
        "What an open dispute is about is held, all of it, and frozen.",
        """
        SELECT format('dispute %s is about %s, its hold has %s', dispute.id, dispute.held_minor, hold.held_minor)
        FROM contracts_dispute AS dispute JOIN payments_hold AS hold ON hold.id = dispute.hold_id
        WHERE dispute.status IN ('open', 'answered', 'mediation')
            AND (dispute.held_minor <> hold.held_minor OR hold.frozen_at IS NULL)
        """,
        proves=(10,),
    ),
)
