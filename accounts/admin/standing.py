"""Suspensions and their appeals, and strikes."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest

from accounts import services
from accounts.admin.forms import AnswerForm
from accounts.models import Appeal, Strike, Suspension, User
from core.admin import ReadOnlyAdmin, ReadOnlyInline
from core.admin.dialogs import in_dialog


class AppealInline(ReadOnlyInline):
    model = Appeal
    tab = False


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = ["user", "rule", "evidence", "imposed_by", "imposed_at", "appeal_until", "lifted_at"]
    list_filter = ["rule", "evidence", ("lifted_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email", "=user__id"]
    list_select_related = ["user", "imposed_by"]
    inlines = [AppealInline]


@admin.register(Strike)
class StrikeAdmin(ReadOnlyAdmin):
    list_display = ["user", "rule", "about", "created"]
    list_filter = ["rule"]
    search_fields = ["user__email", "=user__id", "=subject_id"]
    list_select_related = ["user"]


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """The queue: those that wait come first, the oldest on top."""

    list_display = ["person", "rule", "imposed_by", "created_at", "is_upheld", "decided_by"]
    list_filter = [("decided_at", admin.EmptyFieldListFilter)]
    search_fields = ["suspension__user__email"]
    list_select_related = ["suspension__user", "suspension__imposed_by", "decided_by"]
    ordering = [F("decided_at").desc(nulls_first=True), "created_at"]
    fields = [
        "person", "rule", "evidence", "reason", "imposed_by", "text", "created_at", "is_upheld", "answer", "decided_by",
        "decided_at",
    ]  # fmt: skip
    readonly_fields = ["person", "rule", "evidence", "reason", "imposed_by"]
    actions_detail = ["uphold", "turn_down"]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """None once it is decided."""
        waits = Appeal.objects.filter(pk=object_id, decided_at=None).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    @admin.display(description="Person")
    def person(self, appeal: Appeal) -> User:
        return appeal.suspension.user

    @admin.display(description="Rule")
    def rule(self, appeal: Appeal) -> str:
        return appeal.suspension.get_rule_display()

    @admin.display(description="Evidence")
    def evidence(self, appeal: Appeal) -> str:
        return appeal.suspension.get_evidence_display()

    @admin.display(description="Reason")
    def reason(self, appeal: Appeal) -> str:
        return appeal.suspension.reason

    @admin.display(description="Imposed by")
    def imposed_by(self, appeal: Appeal) -> User:
        return appeal.suspension.imposed_by

    @in_dialog(
        "The person is right: lift the suspension",
        title="Uphold the appeal",
        description="The suspension is lifted, and the person reads your answer.",
        form=AnswerForm,
        submit="Uphold",
        done="Decided. The person was told.",
    )
    def uphold(self, actor: User, appeal_id: int, answer: str) -> None:
        services.decide_appeal(actor, appeal_id=appeal_id, uphold=True, answer=answer)

    @in_dialog(
        "The suspension stays",
        title="Turn the appeal down",
        description="The suspension stays, and the person reads your answer.",
        form=AnswerForm,
        submit="Turn down",
        done="Decided. The person was told.",
    )
    def turn_down(self, actor: User, appeal_id: int, answer: str) -> None:
        services.decide_appeal(actor, appeal_id=appeal_id, uphold=False, answer=answer)
