from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import hooks, selectors
        from accounts.services import audit
        from core import hooks as core_hooks

        hooks.register("account", export=selectors.export)
        core_hooks.register(staff_acted=audit.record)
