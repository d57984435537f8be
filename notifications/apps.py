from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from accounts import hooks
        from notifications import selectors, services

        hooks.register("notifications", erase=services.erase_of, export=selectors.export)
