from django.apps import AppConfig


class GigsConfig(AppConfig):
    name = "gigs"

    def ready(self) -> None:
        from gigs.services import money
        from payments import hooks
        from payments.models import Hold

        hooks.register(Hold.Purpose.GIG, lock=money.lock_for_hold, on_funded=money.gig_funded)
