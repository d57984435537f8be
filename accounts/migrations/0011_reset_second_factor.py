"""The permission to reset somebody's second factor."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_audit_search_indexes")]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": ["id"],
                "permissions": [
                    ("give_staff_rights", "Can give and take staff rights"),
                    ("reset_second_factor", "Can reset somebody's second factor"),
                ],
            },
        ),
    ]
