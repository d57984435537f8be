"""A new site starts with categories and skills to choose from. Safe to repeat; staff may change them afterwards."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from accounts.data import load_taxonomy


def load(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    load_taxonomy(apps.get_model("accounts", "Category"), apps.get_model("accounts", "Skill"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_append_only_audit")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
