import django_filters

from contracts.models import Contract, Dispute, TimeEntry, Timesheet
from contracts.querysets import DisputeQuerySet
from contracts.rules import ContractStatus, DisputeStatus
from contracts.rules.time import ContractKind, TimesheetStatus
from core.filters import BooleanFilter, OrderingFilter


class ContractFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ContractStatus.choices)
    kind = django_filters.ChoiceFilter(choices=ContractKind.choices)
    project_id = django_filters.NumberFilter(field_name="project_id", min_value=1, max_value=2**63 - 1)
    ordering = OrderingFilter(fields=["started_at", "ended_at", "title"])

    class Meta:
        model = Contract
        fields: list[str] = []


class TimeEntryFilter(django_filters.FilterSet):
    contract_id = django_filters.UUIDFilter(field_name="timesheet__contract_id")
    timesheet_id = django_filters.NumberFilter(field_name="timesheet_id", min_value=1, max_value=2**63 - 1)
    running = BooleanFilter(field_name="ended_at", lookup_expr="isnull")
    ordering = OrderingFilter(fields=["started_at", "minutes"])

    class Meta:
        model = TimeEntry
        fields: list[str] = []


class TimesheetFilter(django_filters.FilterSet):
    contract_id = django_filters.UUIDFilter(field_name="contract_id")
    status = django_filters.ChoiceFilter(choices=TimesheetStatus.choices)
    ordering = OrderingFilter(fields=["week_start", "submitted_at"])

    class Meta:
        model = Timesheet
        fields: list[str] = []


class DisputeFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=DisputeStatus.choices)
    open = BooleanFilter(method="filter_open")
    contract_id = django_filters.UUIDFilter(field_name="contract_id")
    ordering = OrderingFilter(fields=["opened_at", "answer_by"])

    class Meta:
        model = Dispute
        fields: list[str] = []

    def filter_open(self, found: DisputeQuerySet, name: str, is_open: bool) -> DisputeQuerySet:
        return found.live() if is_open else found.ended()
