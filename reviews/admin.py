"""Reviews in the staff console."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from reviews.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ["id", "reviewer", "reviewee", "side", "rating", "published_at", "created_at"]
    list_filter = ["side", "rating", ("published_at", admin.EmptyFieldListFilter)]
    search_fields = ["reviewer__email", "reviewee__email"]
    list_select_related = ["reviewer", "reviewee"]
