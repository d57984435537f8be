from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.services import audit
        from core import hooks

        hooks.register(staff_acted=audit.record)
