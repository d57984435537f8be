"""Silence approves only what is still handed in, by the database's clock. Only adds; the previous release runs on it."""

from django.db import migrations, models

# What silence approved before keeps the moment at which it did.
KNOWN = """
UPDATE contracts_milestone AS milestone SET lapsed_at = approval.created_at
FROM contracts_milestoneevent AS approval
WHERE approval.milestone_id = milestone.id AND approval.move = 'approve' AND approval.actor_id IS NULL;
"""
CREATE = """
CREATE FUNCTION contracts_milestone_lapses_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lapsed_at IS NOT NULL OR OLD.status <> 'submitted' OR NEW.status <> 'approved'
        OR NEW.lapsed_at IS DISTINCT FROM OLD.release_at OR OLD.release_at > clock_timestamp() THEN
        RAISE EXCEPTION 'milestone % has not lapsed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contracts_milestone_lapses_in_time BEFORE UPDATE ON contracts_milestone FOR EACH ROW
    WHEN (NEW.lapsed_at IS DISTINCT FROM OLD.lapsed_at) EXECUTE FUNCTION contracts_milestone_lapses_in_time();
"""
DROP = """
DROP TRIGGER contracts_milestone_lapses_in_time ON contracts_milestone;
DROP FUNCTION contracts_milestone_lapses_in_time();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_disputes")]

    operations = [
        migrations.AddField(
            model_name="milestone",
            name="lapsed_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The deadline that passed in silence, if that approved it.",
                null=True,
            ),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(CREATE, DROP),
    ]
