import django_filters

from contracts.models import Contract
from contracts.rules import ContractStatus


class ContractFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ContractStatus.choices)
    project_id = django_filters.NumberFilter(field_name="project_id", min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Contract
        fields: list[str] = []
