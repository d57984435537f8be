"""The demo administrator's current two-factor code."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User

DEMO_STAFF = "staff@example.com"


class Command(BaseCommand):
    help = (
        f"Prints the current 2FA code of {DEMO_STAFF}, making its authenticator if there is none yet. Demo sites only."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are no demo sign-ins on this site.")
        person = User.objects.filter(email=DEMO_STAFF, is_staff=True).first()
        if person is None:
            raise CommandError(f"{DEMO_STAFF} does not exist yet: run seed_demo first.")
        device, _ = TOTPDevice.objects.get_or_create(user=person, confirmed=True, defaults={"name": "Demo"})
        code = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift).token()
        self.stdout.write(f"{code:0{device.digits}d}")
