"""The deadline of a gig's silence is stored, and silence releases only after it, by the database's clock.

Only adds; the previous release, which runs on it for a while, stores no deadline when work is done: the database does.
"""

from django.db import migrations, models

# What was done before has the time to answer that counted until now. What silence released before keeps the moment.
KNOWN = """
UPDATE gigs_gig AS gig SET release_at = least(gig.completed_at + interval '14 days', hold.funded_at + interval '89 days')
FROM payments_hold AS hold WHERE hold.id = gig.hold_id AND gig.status = 'completed';
UPDATE gigs_gig AS gig SET release_at = least(gig.release_at, release.created_at), lapsed_at = least(gig.release_at, release.created_at)
FROM payments_holdevent AS release
WHERE release.hold_id = gig.hold_id AND release.move = 'release' AND release.actor_id IS NULL AND gig.status = 'completed';
"""
CREATE = """
CREATE FUNCTION gigs_gig_lapses_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lapsed_at IS NOT NULL OR NEW.lapsed_at IS DISTINCT FROM OLD.release_at
        OR OLD.release_at > clock_timestamp() THEN
        RAISE EXCEPTION 'gig % has not lapsed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER gigs_gig_lapses_in_time BEFORE UPDATE ON gigs_gig FOR EACH ROW
    WHEN (NEW.lapsed_at IS DISTINCT FROM OLD.lapsed_at) EXECUTE FUNCTION gigs_gig_lapses_in_time();
CREATE FUNCTION gigs_gig_has_a_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.release_at := NEW.completed_at + NEW.approval_days * interval '24 hours';
    RETURN NEW;
END $$;
CREATE TRIGGER gigs_gig_has_a_deadline BEFORE UPDATE ON gigs_gig FOR EACH ROW
    WHEN (NEW.status = 'completed' AND NEW.release_at IS NULL) EXECUTE FUNCTION gigs_gig_has_a_deadline();
"""
DROP = """
DROP TRIGGER gigs_gig_lapses_in_time ON gigs_gig;
DROP FUNCTION gigs_gig_lapses_in_time();
DROP TRIGGER gigs_gig_has_a_deadline ON gigs_gig;
DROP FUNCTION gigs_gig_has_a_deadline();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("gigs", "0004_index_with_the_seeker"),
        ("payments", "0013_what_set_refunds_aside"),
    ]

    operations = [
        migrations.AddField(
            model_name="gig",
            name="approval_days",
            field=models.PositiveSmallIntegerField(
                db_default=14, default=14, editable=False, help_text="Frozen when the gig was posted."
            ),
        ),
        migrations.AddField(
            model_name="gig",
            name="release_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="gig",
            name="lapsed_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The deadline that passed in silence, if that released it.",
                null=True,
            ),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("approval_days__gte", 3), ("approval_days__lte", 30)),
                name="gigs_gig_approval_days_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("release_at__isnull", False), ("status", "completed")),
                    models.Q(
                        models.Q(("status", "completed"), _negated=True),
                        ("lapsed_at__isnull", True),
                        ("release_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="gigs_gig_release_at_when_completed",
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
