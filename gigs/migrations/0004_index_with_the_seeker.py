"""The index of open gigs also holds the seeker, so that leaving out those of suspended people reads no rows.

Built beside the running site; the previous release uses it as it did the old one.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("chat", "0003_drop_redundant_indexes"),
        ("gigs", "0003_load_towns"),
        ("payments", "0005_payment_token"),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name="gig",
            name="gigs_open_newest",
        ),
        AddIndexConcurrently(
            model_name="gig",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["-created_at", "-id"],
                include=("seeker",),
                name="gigs_open_newest",
            ),
        ),
    ]
