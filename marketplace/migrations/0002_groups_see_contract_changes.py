"""Staff see changes, refunds asked for and bonuses of contracts. Only adds; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def make_groups(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_fixed_price"), ("marketplace", "0001_staff_groups")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
