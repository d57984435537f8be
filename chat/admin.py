"""Rooms and messages in the staff console, to read."""

from django.contrib import admin

from chat.models import Member, Message, Room
from core.admin import ReadOnlyAdmin, ReadOnlyInline


class MemberInline(ReadOnlyInline):
    model = Member
    fields = ["user", "read_seq", "delivered_seq", "joined_at", "left_at"]
    readonly_fields = fields


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "subject", "last_seq", "last_message_at"]
    list_filter = ["kind"]
    search_fields = ["=id", "subject", "members__user__email"]
    inlines = [MemberInline]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    records_views = True
    list_display = ["room", "seq", "sender", "created_at", "deleted_at"]
    search_fields = ["=room__id", "sender__email"]
    list_select_related = ["room", "sender"]
    ordering = ["-id"]
