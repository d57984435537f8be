"""The groups of staff. Only adds; whoever is a superuser stays one, and the previous release runs on it."""

from typing import Any

from django.db import migrations

from marketplace import staff_groups


def make_groups(apps: Any, schema_editor: Any) -> None:
    staff_groups.apply(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_audit_without_addresses"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("chat", "0003_drop_redundant_indexes"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("contracts", "0001_initial"),
        ("gigs", "0003_load_towns"),
        ("notifications", "0002_outgoing_webhooks"),
        ("payments", "0005_payment_token"),
        ("projects", "0003_one_text_index"),
        ("reviews", "0001_initial"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
