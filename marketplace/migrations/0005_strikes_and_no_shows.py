"""Staff see strikes, and reports that somebody did not come. Only adds; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def apply_table(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0004_groups_and_rules"),
        ("accounts", "0014_strikes"),
        ("gigs", "0006_late_cancellations"),
    ]
    operations = [migrations.RunPython(apply_table, migrations.RunPython.noop)]
