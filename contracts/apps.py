from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"

    def ready(self) -> None:
        from accounts import hooks as account_hooks
        from chat import hooks as chat_hooks
        from chat.rules import RoomKind
        from contracts import selectors
        from contracts.services import bonus, chargebacks, funding, release, weeks
        from payments import hooks
        from payments.models import Hold
        from payments.selectors import register_checks

        hooks.register(
            Hold.Purpose.MILESTONE,
            lock=funding.lock_for_hold,
            before_paying=funding.require_payable,
            on_funded=funding.milestone_funded,
            on_released=release.hold_released,
            on_refunded=funding.milestone_refunded,
            on_charged_back=chargebacks.hold_charged_back,
        )
        hooks.register(
            Hold.Purpose.BONUS,
            lock=bonus.lock_for_bonus,
            before_paying=bonus.require_payable,
            on_funded=bonus.bonus_funded,
        )
        hooks.register(
            Hold.Purpose.TIMESHEET,
            lock=weeks.lock_for_hold,
            before_paying=weeks.require_payable,
            on_funded=weeks.week_funded,
            on_released=weeks.week_released,
            on_refunded=weeks.week_refunded,
            on_charged_back=chargebacks.hold_charged_back,
        )
        chat_hooks.register_kind(RoomKind.CONTRACT, selectors.room_context)
        chat_hooks.register_project_rooms(selectors.rooms_of_project)
        account_hooks.register("contracts", ties=selectors.ties, export=selectors.export)
        register_checks(*selectors.CHECKS)
