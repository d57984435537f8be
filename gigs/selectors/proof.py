"""What gigs add to the proof of the books."""

from payments.selectors import Check

CHECKS = (
    Check(
        "gigs_are_released_by_silence_only_in_time",
        "The system released only gigs that were done and whose stored deadline had passed.",
        """
        SELECT format('gig %s', gig.id)
        FROM payments_holdevent AS release JOIN gigs_gig AS gig ON gig.hold_id = release.hold_id
        WHERE release.move = 'release' AND release.actor_id IS NULL AND compensation_minor = 0
            AND (gig.status <> 'completed' OR lapsed_at IS NULL OR lapsed_at > clock_timestamp())
        UNION ALL
        SELECT format('gig %s lapsed without a release by the system', gig.id)
        FROM gigs_gig AS gig
        WHERE lapsed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM payments_holdevent AS release
            WHERE release.hold_id = gig.hold_id AND release.move = 'release' AND release.actor_id IS NULL
        )
        UNION ALL
        SELECT 'nothing compares deadlines of gigs with the clock of the database'
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgname = 'gigs_gig_lapses_in_time' AND tgenabled IN ('O', 'A')
        )
        """,
        proves=(11,),
    ),
    Check(
        "gigs_that_were_called_off_pay_what_they_say",
        "Of a gig that did not come about, the helper got what the gig says, fee included.",
        """
        SELECT format('gig %s says %s, its hold paid %s', gig.id, compensation_minor, released_minor + fee_minor)
        FROM gigs_gig AS gig JOIN payments_hold AS hold ON hold.id = gig.hold_id
        WHERE gig.status = 'cancelled' AND compensation_minor <> released_minor + fee_minor
        """,
        proves=(5, 7),
    ),
    Check(
        "reported_no_shows_freeze_what_is_held",
        "While it is not settled who did not come, what is held for the gig is frozen.",
        """
        SELECT format('gig %s', gig.id)
        FROM gigs_noshow AS report
        JOIN gigs_gig AS gig ON gig.id = report.gig_id
        JOIN payments_hold AS hold ON hold.id = gig.hold_id
        WHERE report.status IN ('open', 'contested') AND hold.status = 'held' AND hold.frozen_at IS NULL
        """,
        proves=(10,),
    ),
    Check(
        "no_shows_are_confirmed_by_silence_only_in_time",
        "The system confirmed only reports whose stored time to answer had passed.",
        """
        SELECT format('gig %s', gig_id) FROM gigs_noshow
        WHERE status = 'confirmed' AND decided_by_id IS NULL AND (answer <> '' OR answer_by > clock_timestamp())
        """,
        proves=(11,),
    ),
)
