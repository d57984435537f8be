"""Categories and skills."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Category, Skill
from core.admin import ModelAdmin


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ["name", "parent", "kind", "position"]
    list_filter = ["kind"]
    search_fields = ["name", "slug"]
    list_select_related = ["parent"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    list_display = ["name", "category"]
    list_filter = ["category"]
    search_fields = ["name", "slug", "aliases"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Skill | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["name"]}  # from a name that can be typed

    def get_readonly_fields(self, request: HttpRequest, obj: Skill | None = None) -> list[str]:
        return ["name"] if obj else []  # profiles and projects repeat the name
