"""What gigs add to the proof of the books."""

from payments.selectors import Check

CHECKS = (
    Check(
        "gigs_are_released_by_silence_only_in_time",
        "The system released only gigs that were done and whose stored deadline had passed.",
        """
        SELECT format('gig %s', gig.id)
        FROM payments_holdevent AS release JOIN gigs_gig AS gig ON gig.hold_id = release.hold_id
        WHERE release.move = 'release' AND release.actor_id IS NULL
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
)
