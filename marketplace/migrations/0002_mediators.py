"""Moderators and support decide disputes. Only adds rights."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def make_groups(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_audit_search_indexes"),
        ("contracts", "0002_disputes"),
        ("marketplace", "0001_staff_groups"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
