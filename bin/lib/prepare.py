"""Brings the database up to date, and fills it with demo data when nobody is in it yet."""

import django


def main() -> None:
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)
    if not get_user_model().objects.exists():
        call_command("seed_demo")


if __name__ == "__main__":
    main()
