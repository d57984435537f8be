"""Rooms, who is in them, and the numbered stream of messages."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from chat.querysets import MessageQuerySet, RoomQuerySet
from chat.rules import MAX_CONTENT, MAX_EMOJI_LENGTH, RoomKind


class Room(models.Model):
    """A conversation. `last_seq` is the number of its newest message; sending locks the row, so numbers have no gaps.

    `last_change` counts what happened to messages after they were sent (edits, deletions, reactions), so that somebody
    who was away can ask for those too.
    """

    kind = models.CharField(max_length=10, choices=RoomKind)
    subject = models.CharField(max_length=200, blank=True)
    url = models.CharField(
        max_length=200,
        blank=True,
        help_text="Path of the contract or gig it belongs to.",
    )
    direct_key = models.CharField(max_length=44, null=True, blank=True, editable=False)  # noqa: DJ001 - unique
    last_seq = models.BigIntegerField(default=0, editable=False)
    last_change = models.BigIntegerField(default=0, editable=False)
    last_message_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_preview = models.CharField(max_length=140, blank=True, editable=False)
    last_sender = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = [models.F("last_message_at").desc(nulls_last=True), "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RoomKind.values), name="chat_room_kind_known"),
            models.UniqueConstraint(fields=["direct_key"], name="chat_room_one_per_pair"),
            models.CheckConstraint(
                condition=Q(kind=RoomKind.DIRECT, direct_key__isnull=False)
                | (~Q(kind=RoomKind.DIRECT) & Q(direct_key__isnull=True)),
                name="chat_room_direct_has_key",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"Room {self.pk}"

    @property
    def page(self) -> str:
        return reverse("chat:room", args=[self.pk])


class Member(models.Model):
    """A person in a room, with watermarks: everything up to `read_seq` is read, up to `delivered_seq` delivered.

    `reminded_seq` and `reminder_due_at` see to it that unread messages are told by e-mail once, not once each.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="chat_memberships")
    read_seq = models.BigIntegerField(default=0)
    delivered_seq = models.BigIntegerField(default=0)
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    reminded_seq = models.BigIntegerField(default=0, editable=False)
    reminder_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="chat_member_once"),
            models.CheckConstraint(
                condition=Q(read_seq__gte=0, delivered_seq__gte=models.F("read_seq")),
                name="chat_member_read_is_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"


class Message(models.Model):
    """Number `seq` of its room. `client_id` is made by the sender's client: sent twice, it is one message.

    `change` is the room's `last_change` when this message was last edited, deleted or reacted to. A deleted message
    keeps its content for disputes; nobody in the room sees it.
    """

    # No index of its own: the unique ones below begin with it, and a second one misleads the planner into sorting.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    sender = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="messages_sent", db_index=False)
    client_id = models.UUIDField()
    content = models.TextField(max_length=MAX_CONTENT, blank=True)
    attachments = models.ManyToManyField("accounts.Upload", blank=True, related_name="messages")
    has_attachments = models.BooleanField(default=False)
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies")
    change = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["room", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="chat_message_numbered"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="chat_message_sent_once"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="chat_message_seq_positive"),
        ]
        indexes = [
            models.Index(
                fields=["room", "change"],
                condition=Q(change__gt=0),
                name="chat_message_changes",
            ),
            GinIndex(
                OpClass(Upper("content"), name="gin_trgm_ops"),
                name="chat_message_search",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.seq}"


class Reaction(models.Model):
    """One emoji of one person under a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=MAX_EMOJI_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["message", "user", "emoji"], name="chat_reaction_once")]

    def __str__(self) -> str:
        return f"{self.emoji} by {self.user_id}"
