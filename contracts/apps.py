from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"

    def ready(self) -> None:
        from contracts.services import funding
        from payments import hooks
        from payments.models import Hold

        hooks.register(
            Hold.Purpose.MILESTONE,
            lock=funding.lock_for_hold,
            on_funded=funding.milestone_funded,
            on_refunded=funding.milestone_refunded,
        )
