import django_filters

from contracts.models import Contract, Dispute
from contracts.rules import ContractStatus, DisputeStatus


class ContractFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ContractStatus.choices)
    project_id = django_filters.NumberFilter(field_name="project_id", min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Contract
        fields: list[str] = []


class DisputeFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=DisputeStatus.choices)
    contract_id = django_filters.UUIDFilter(field_name="contract_id")

    class Meta:
        model = Dispute
        fields: list[str] = []
