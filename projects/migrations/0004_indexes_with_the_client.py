"""The indexes of the listings also hold the client, so that leaving out those of suspended people reads no rows.

Each is built beside the running site; the previous release uses it as it did the old one.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("projects", "0003_one_text_index"),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name="project",
            name="projects_open_newest",
        ),
        AddIndexConcurrently(
            model_name="project",
            index=models.Index(
                condition=models.Q(("status", "open"), ("visibility", "public")),
                fields=["-created_at", "-id"],
                include=("client",),
                name="projects_open_newest",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="project",
            name="projects_listed_newest",
        ),
        AddIndexConcurrently(
            model_name="project",
            index=models.Index(
                condition=models.Q(("visibility", "public"), models.Q(("status", "draft"), _negated=True)),
                fields=["-created_at", "-id"],
                include=("status", "client"),
                name="projects_listed_newest",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="project",
            name="projects_open_budget",
        ),
        AddIndexConcurrently(
            model_name="project",
            index=models.Index(
                condition=models.Q(("status", "open"), ("visibility", "public")),
                fields=["budget_max_minor", "id"],
                include=("budget_min_minor", "currency", "budget_type", "experience_level", "category", "client"),
                name="projects_open_budget",
            ),
        ),
    ]
