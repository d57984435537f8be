from django.apps import AppConfig


class GigsConfig(AppConfig):
    name = "gigs"

    def ready(self) -> None:
        from chat import hooks as chat_hooks
        from chat.rules import RoomKind
        from gigs import selectors
        from gigs.services import money
        from payments import hooks
        from payments.models import Hold

        hooks.register(Hold.Purpose.GIG, lock=money.lock_for_hold, on_funded=money.gig_funded)
        chat_hooks.register_kind(RoomKind.GIG, selectors.room_context)
