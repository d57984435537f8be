from django.apps import AppConfig


class GigsConfig(AppConfig):
    name = "gigs"

    def ready(self) -> None:
        from accounts import hooks as account_hooks
        from chat import hooks as chat_hooks
        from chat.rules import RoomKind
        from gigs import selectors
        from gigs.services import leaving, money
        from payments import hooks
        from payments.models import Hold
        from payments.selectors import register_checks

        hooks.register(
            Hold.Purpose.GIG,
            lock=money.lock_for_hold,
            on_funded=money.gig_funded,
            on_charged_back=money.gig_charged_back,
        )
        chat_hooks.register_kind(RoomKind.GIG, selectors.room_context)
        account_hooks.register(
            "gigs", ties=selectors.ties, withdraw=leaving.withdraw_of, erase=leaving.erase_of, export=selectors.export
        )
        register_checks(*selectors.CHECKS)
