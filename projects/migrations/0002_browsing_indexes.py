"""Indexes that count what a search found without reading rows, and that sort by budget."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.RemoveIndex(
            model_name="project",
            name="projects_project_search",
        ),
        migrations.RemoveIndex(
            model_name="project",
            name="projects_listed_newest",
        ),
        migrations.AddIndex(
            model_name="project",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("visibility", "public"), models.Q(("status", "draft"), _negated=True)),
                fields=["search"],
                name="projects_listed_search",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("status", "open"), ("visibility", "public")),
                fields=["search"],
                name="projects_open_search",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("visibility", "public"), models.Q(("status", "draft"), _negated=True)),
                fields=["skill_names"],
                name="projects_listed_skills",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                condition=models.Q(("visibility", "public"), models.Q(("status", "draft"), _negated=True)),
                fields=["-created_at", "-id"],
                include=("status",),
                name="projects_listed_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                condition=models.Q(("status", "open"), ("visibility", "public")),
                fields=["budget_max_minor", "id"],
                include=("budget_min_minor", "currency", "budget_type", "experience_level", "category"),
                name="projects_open_budget",
            ),
        ),
    ]
