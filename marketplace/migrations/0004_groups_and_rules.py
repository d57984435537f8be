"""Administrators change the marketplace's rules, finance reads them. Only adds; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def apply_table(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0003_groups_and_money"),
        ("accounts", "0013_marketplace_rules"),
    ]
    operations = [migrations.RunPython(apply_table, migrations.RunPython.noop)]
