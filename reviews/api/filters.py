import django_filters

from reviews.models import Review


class ReviewFilter(django_filters.FilterSet):
    contract_id = django_filters.UUIDFilter()
    gig_id = django_filters.NumberFilter(min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Review
        fields: list[str] = []
