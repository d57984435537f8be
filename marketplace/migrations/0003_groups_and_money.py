"""Staff see, and finance and support work with, what contracts and money became. Only adds; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def apply_table(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0002_lost_second_factors"),
        ("contracts", "0005_lapsed_milestones"),
        ("payments", "0010_paypal"),
    ]
    operations = [migrations.RunPython(apply_table, migrations.RunPython.noop)]
