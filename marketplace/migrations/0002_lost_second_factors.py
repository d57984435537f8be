"""Support resets lost second factors, and revokes keys and passkeys. Only adds; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def apply_table(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0001_staff_groups"),
        ("accounts", "0011_reset_second_factor"),
    ]
    operations = [migrations.RunPython(apply_table, migrations.RunPython.noop)]
