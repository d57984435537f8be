"""Staff see hours, and moderators decide on those that are not agreed. Only adds; the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def make_groups(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0001_staff_groups"),
        ("contracts", "0002_hourly_work"),
        ("payments", "0006_money_of_every_kind"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
