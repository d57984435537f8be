"""One text index for all listed projects: a second one for the open ones cost more on writing than it gave."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_browsing_indexes")]

    operations = [migrations.RemoveIndex(model_name="project", name="projects_open_search")]
