"""What the groups of staff may do with payouts and chargebacks. Only adds rights; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def make_groups(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0001_staff_groups"),
        ("payments", "0007_payouts_and_chargebacks"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
