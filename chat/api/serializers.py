"""Shapes of chat. The JSON itself is built by `chat.selectors`; the fields here describe it."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from chat.rules import MAX_ATTACHMENTS, MAX_CONTENT, MessageStatus, RoomKind

Json = Mapping[str, Any]


class Built(serializers.Serializer[Json]):
    """Abstract: its instances are JSON already."""

    def to_representation(self, instance: Json) -> dict[str, Any]:
        return dict(instance)


# --- Rooms --------------------------------------------------------------------------------------


class ContactSerializer(Built):
    id = serializers.IntegerField()
    name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)


class ParticipantSerializer(ContactSerializer):
    """A person in a room, and how far they have received and read."""

    online = serializers.BooleanField()
    read_seq = serializers.IntegerField()
    delivered_seq = serializers.IntegerField()


class LastMessageSerializer(Built):
    seq = serializers.IntegerField()
    sender_id = serializers.IntegerField()
    preview = serializers.CharField(help_text="One line; empty for a deleted message.")
    created_at = serializers.DateTimeField()


class ChatSerializer(Built):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=RoomKind.choices)
    subject = serializers.CharField()
    url = serializers.CharField(allow_null=True, help_text="Path of the contract or gig it belongs to.")
    participants = ParticipantSerializer(many=True)
    last_seq = serializers.IntegerField(help_text="Number of the newest message.")
    last_message = LastMessageSerializer(allow_null=True)
    unread_count = serializers.IntegerField()
    archived = serializers.BooleanField(help_text="By you, for you.")
    created_at = serializers.DateTimeField()


class ChatInput(serializers.Serializer[Any]):
    participant_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    subject = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class SubjectInput(serializers.Serializer[Any]):
    subject = serializers.CharField(max_length=200, allow_blank=True)


class ArchiveInput(serializers.Serializer[Any]):
    archived = serializers.BooleanField(required=False, default=True)


class ReadInput(serializers.Serializer[Any]):
    up_to_seq = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, required=False, help_text="Everything when left out."
    )


class ReadSerializer(Built):
    chat_id = serializers.IntegerField()
    read_seq = serializers.IntegerField()
    unread_count = serializers.IntegerField()


class StatsSerializer(Built):
    """Your own numbers."""

    chats = serializers.IntegerField()
    archived = serializers.IntegerField()
    unread_chats = serializers.IntegerField()
    unread_messages = serializers.IntegerField()
    messages_sent = serializers.IntegerField()
    messages_received = serializers.IntegerField()
    last_message_at = serializers.DateTimeField(allow_null=True)


class UnreadChatSerializer(Built):
    chat_id = serializers.IntegerField()
    unread_count = serializers.IntegerField()


class UnreadSerializer(Built):
    unread_chats = serializers.IntegerField()
    unread_messages = serializers.IntegerField()
    chats = UnreadChatSerializer(many=True)


# --- Messages -----------------------------------------------------------------------------------


class AttachmentSerializer(Built):
    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(help_text="A signed link that ends after an hour.")
    thumbnail_url = serializers.CharField(allow_null=True, help_text="Of a picture, smaller.")


class ReactionSerializer(Built):
    emoji = serializers.CharField()
    user_ids = serializers.ListField(child=serializers.IntegerField())


class QuotedSerializer(Built):
    """The message that is answered."""

    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    sender_id = serializers.IntegerField()
    content = serializers.CharField(help_text="Its beginning, on one line.")


class MessageSerializer(Built):
    id = serializers.IntegerField()
    chat_id = serializers.IntegerField()
    seq = serializers.IntegerField(help_text="1, 2, 3, … in each chat, without gaps.")
    sender_id = serializers.IntegerField()
    client_id = serializers.UUIDField()
    content = serializers.CharField(help_text="Empty when deleted.")
    attachments = AttachmentSerializer(many=True)
    reactions = ReactionSerializer(many=True)
    reply_to = QuotedSerializer(allow_null=True)
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted = serializers.BooleanField()
    change = serializers.IntegerField(
        help_text="Numbers edits, deletions and reactions of a chat; 0 if there were none."
    )
    status = serializers.ChoiceField(choices=MessageStatus.choices)
    created_at = serializers.DateTimeField()


class MessagePageSerializer(Built):
    """Newest first. `next` leads to older messages, `previous` to newer ones."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MessageSerializer(many=True)


class MessageInput(serializers.Serializer[Any]):
    content = serializers.CharField(max_length=MAX_CONTENT, required=False, default="", allow_blank=True)
    client_id = serializers.UUIDField(
        required=False, default=None, help_text="Made by the client; the same one again is the same message."
    )
    attachment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MAX_ATTACHMENTS,
        required=False,
        default=list,
        help_text="Your own uploads of kind `attachment`.",
    )
    reply_to = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)


class AddressedMessageInput(MessageInput):
    chat_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    receiver_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("chat_id" in attrs) == ("receiver_id" in attrs):
            raise serializers.ValidationError({"chat_id": ["Give either chat_id or receiver_id."]})
        return attrs


class EditInput(serializers.Serializer[Any]):
    content = serializers.CharField(max_length=MAX_CONTENT, allow_blank=True)


class SearchInput(serializers.Serializer[Any]):
    q = serializers.CharField(min_length=2, max_length=100)


class HistoryInput(serializers.Serializer[Any]):
    after_seq = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    before_seq = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    page_size = serializers.IntegerField(min_value=1, max_value=100, required=False, default=50)


# --- Realtime -----------------------------------------------------------------------------------


class TicketSerializer(Built):
    ticket = serializers.CharField(help_text="Open the socket with ?ticket=…, once.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class SocketStatusSerializer(Built):
    online = serializers.BooleanField()
    open_sockets = serializers.IntegerField(help_text="Yours.")
    server_time = serializers.DateTimeField()


class OnlineSerializer(Built):
    user_id = serializers.IntegerField()
    online = serializers.BooleanField()


class AnnouncementInput(serializers.Serializer[Any]):
    user_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    title = serializers.CharField(max_length=160)
    message = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)
    url = serializers.RegexField(r"^/(?!/)\S*$", max_length=200, required=False, default="", allow_blank=True)
    data = serializers.DictField(required=False, default=dict)


class AnnouncementSerializer(Built):
    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    title = serializers.CharField()
    message = serializers.CharField()
    created_at = serializers.DateTimeField()
