"""Finance reads documents and keeps plans. Only adds, so the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def make_groups(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0001_staff_groups"), ("payments", "0007_documents_and_subscriptions")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
