"""Brings the database up to date, and fills it with demo data when nobody is in it yet."""

import django


def main() -> None:
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=1)
    interrupted = "marketplace_demo_progress" in connection.introspection.table_names()
    if interrupted or not get_user_model().objects.exists():
        print("Loading the demo town ...", flush=True)
        call_command("seed_demo")


if __name__ == "__main__":
    main()
