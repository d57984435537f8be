from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from accounts import hooks
        from chat import selectors
        from chat.services import leaving

        hooks.register("chat", erase=leaving.erase_of, export=selectors.export)
