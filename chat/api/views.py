"""The API of chat: rooms, messages, and what goes with sockets."""

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.models import AuthSession, User
from accounts.policies import why_not_staff
from accounts.services import audit
from chat import services
from chat.api.filters import ChatFilter
from chat.api.serializers import (
    AddressedMessageInput,
    AnnouncementInput,
    AnnouncementSerializer,
    ArchiveInput,
    ChatInput,
    ChatSerializer,
    ContactSerializer,
    EditInput,
    HistoryInput,
    MessageInput,
    MessagePageSerializer,
    MessageSerializer,
    OnlineSerializer,
    ReadInput,
    ReadSerializer,
    SearchInput,
    SocketStatusSerializer,
    StatsSerializer,
    SubjectInput,
    TicketSerializer,
    UnreadSerializer,
)
from chat.models import Message, Room
from chat.rules import TICKET_LIFETIME, direct_key
from chat.selectors import (
    COLUMNS,
    contacts_of,
    found_json,
    history,
    members_of,
    members_seen_by,
    message_json,
    people_in,
    rooms_json,
)
from chat.services import presence
from chat.services.tickets import Credential, issue_ticket
from core.errors import Forbidden, NotFound, require
from core.formats import iso
from core.idempotency import idempotent
from core.pagination import PagePagination, StreamPagination
from core.queries import get_or_refuse
from core.throttling import Limit
from notifications.services import notify

Json = dict[str, Any]


class MessageLimit(Limit):
    scope = "chat-messages"
    limit = 120
    seconds = 60


class RoomLimit(Limit):
    scope = "chat-rooms"
    limit = 30
    seconds = 3600


class TicketLimit(Limit):
    scope = "socket-tickets"
    limit = 60
    seconds = 60


def _checked(serializer: type[Any], data: Any) -> Any:
    given = serializer(data=data)
    given.is_valid(raise_exception=True)
    return given.validated_data


# --- Rooms --------------------------------------------------------------------------------------


def _rooms_of(user: User) -> "QuerySet[Room]":
    return Room.objects.visible_to(user).with_unread(user).with_people()


def _described(rooms: Sequence[Room]) -> list[Json]:
    return rooms_json(rooms, presence.online_among(people_in(rooms)))


def _room_json(user: User, room_id: int) -> Json:
    return _described([get_or_refuse(_rooms_of(user), pk=room_id)])[0]


class ChatListView(generics.ListAPIView[Room]):
    """Served under /api/chats and /api/chat/rooms."""

    serializer_class = ChatSerializer
    filterset_class = ChatFilter
    pagination_class = PagePagination
    queryset = Room.objects.none()

    def get_queryset(self) -> "QuerySet[Room]":
        return _rooms_of(cast(User, self.request.user))

    def get_throttles(self) -> list[Any]:
        return [RoomLimit()] if self.request.method == "POST" else []

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your chats, the one with the newest message first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(_described(page or []))

    @extend_schema(
        request=ChatInput,
        responses={
            201: ChatSerializer,
            200: OpenApiResponse(ChatSerializer, "You have a direct chat with this person already."),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Open the direct chat with somebody."""
        given = _checked(ChatInput, request.data)
        other_id = given["participant_id"]
        existed = Room.objects.filter(direct_key=direct_key(request.user.pk, other_id)).exists()
        room = services.open_direct_room(request.user, other_id=other_id, subject=given["subject"])
        answer = _room_json(request.user, room.pk)
        return Response(answer, status=status.HTTP_200_OK if existed else status.HTTP_201_CREATED)


class ChatView(APIView):
    @extend_schema(responses=ChatSerializer)
    def get(self, request: Request, chat_id: int) -> Response:
        return Response(_room_json(request.user, chat_id))

    @extend_schema(request=SubjectInput, responses=ChatSerializer)
    def put(self, request: Request, chat_id: int) -> Response:
        """Rename a direct chat."""
        return self._rename(request, chat_id)

    @extend_schema(request=SubjectInput, responses=ChatSerializer)
    def patch(self, request: Request, chat_id: int) -> Response:
        """Rename a direct chat."""
        return self._rename(request, chat_id)

    def _rename(self, request: Request, chat_id: int) -> Response:
        given = _checked(SubjectInput, request.data)
        services.rename_room(request.user, room_id=chat_id, subject=given["subject"])
        return Response(_room_json(request.user, chat_id))


class ChatArchiveView(APIView):
    @extend_schema(request=ArchiveInput, responses=ChatSerializer)
    def patch(self, request: Request, chat_id: int) -> Response:
        """Take a chat out of your list until its next message, or put it back."""
        given = _checked(ArchiveInput, request.data)
        services.archive_room(request.user, room_id=chat_id, archived=given["archived"])
        return Response(_room_json(request.user, chat_id))


class ChatReadView(APIView):
    @extend_schema(request=ReadInput, responses=ReadSerializer)
    def put(self, request: Request, chat_id: int) -> Response:
        """Mark messages as read, up to a number. The mark never goes back."""
        given = _checked(ReadInput, request.data)
        up_to = given.get("up_to_seq", 2**63 - 1)
        mine = services.mark_read(request.user, room_id=chat_id, up_to_seq=up_to)
        last_seq = Room.objects.values_list("last_seq", flat=True).get(pk=chat_id)
        return Response({"chat_id": chat_id, "read_seq": mine.read_seq, "unread_count": last_seq - mine.read_seq})


class ChatStatsView(APIView):
    @extend_schema(responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Your own numbers."""
        user = cast(User, request.user)
        rooms = Room.objects.visible_to(user).with_unread(user)
        numbers = rooms.aggregate(
            chats=Count("pk"),
            archived=Count("pk", filter=~Q(my_archived_at=None)),
            unread_chats=Count("pk", filter=Q(unread__gt=0)),
            unread_messages=Sum("unread", default=0),
            messages=Sum("last_seq", default=0),
            last_message_at=Max("last_message_at"),
        )
        sent = Message.objects.visible_to(user).filter(sender=user).count()
        received = numbers.pop("messages") - sent
        numbers["last_message_at"] = iso(numbers["last_message_at"])
        return Response(numbers | {"messages_sent": sent, "messages_received": received})


# --- Messages -----------------------------------------------------------------------------------


class ChatMessagesView(APIView):
    def get_throttles(self) -> list[Any]:
        return [MessageLimit()] if self.request.method == "POST" else []

    @extend_schema(parameters=[HistoryInput], responses=MessagePageSerializer)
    def get(self, request: Request, chat_id: int) -> Response:
        """Messages, newest first: the latest ones, those before a number, or those right after one."""
        members = members_seen_by(request.user, chat_id)
        given = _checked(HistoryInput, request.query_params)
        after, before = given.get("after_seq"), given.get("before_seq")
        page = history(chat_id, members, after_seq=after, before_seq=before, limit=given["page_size"])
        messages = page.messages[::-1]
        older = messages and messages[-1]["seq"] > 1 and (page.more if after is None else True)
        newer = messages and (page.more if after is not None else before is not None)
        return Response(
            {
                "next": self._page(before_seq=messages[-1]["seq"]) if older else None,
                "previous": self._page(after_seq=messages[0]["seq"]) if newer else None,
                "results": messages,
            }
        )

    def _page(self, **start: int) -> str:
        (name, seq), *_ = start.items()
        path = self.request.path
        if size := self.request.query_params.get("page_size"):
            path = replace_query_param(path, "page_size", size)
        return self.request.build_absolute_uri(replace_query_param(path, name, seq))

    @extend_schema(request=MessageInput, responses={201: MessageSerializer})
    @idempotent
    def post(self, request: Request, chat_id: int) -> Response:
        """Send a message. The same `client_id` again returns the first one."""
        return _send(request, MessageInput, chat_id=chat_id)


class MessageSendView(APIView):
    throttle_classes = (MessageLimit,)

    @extend_schema(request=AddressedMessageInput, responses={201: MessageSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Send a message to a chat, or to a person in the direct chat with them."""
        return _send(request, AddressedMessageInput)


def _send(request: Request, shape: type[MessageInput], **address: int) -> Response:
    given = _checked(shape, request.data) | address
    what = {name: given[name] for name in ("content", "client_id", "attachment_ids")} | {
        "reply_to_id": given["reply_to"]
    }
    if "chat_id" in given:
        message = services.send_message(request.user, room_id=given["chat_id"], **what)
    else:
        message = services.send_direct_message(request.user, receiver_id=given["receiver_id"], **what)
    return Response(message_json(message, members_of(message.room_id)), status=status.HTTP_201_CREATED)


def _answer(message: Message) -> Response:
    return Response(message_json(message, members_of(message.room_id)))


class MessageView(APIView):
    @extend_schema(responses=MessageSerializer)
    def get(self, request: Request, message_id: int) -> Response:
        return _answer(get_or_refuse(Message.objects.visible_to(request.user), pk=message_id))

    @extend_schema(request=EditInput, responses=MessageSerializer)
    def patch(self, request: Request, message_id: int) -> Response:
        """Change the text of your own message."""
        given = _checked(EditInput, request.data)
        return _answer(services.edit_message(request.user, message_id=message_id, content=given["content"]))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, message_id: int) -> Response:
        """Take back your own message: its place stays, its text and files are gone."""
        services.delete_message(request.user, message_id=message_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReactionView(APIView):
    throttle_classes = (MessageLimit,)

    @extend_schema(request=None, responses=MessageSerializer)
    def put(self, request: Request, message_id: int, emoji: str) -> Response:
        """Put an emoji under a message."""
        return _answer(services.react(request.user, message_id=message_id, emoji=emoji, on=True))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, message_id: int, emoji: str) -> Response:
        """Take your emoji away."""
        services.react(request.user, message_id=message_id, emoji=emoji, on=False)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(parameters=[SearchInput])
class MessageSearchView(generics.ListAPIView[Message]):
    """Messages of your own chats that contain the words, newest first."""

    serializer_class = MessageSerializer
    pagination_class = StreamPagination
    filter_backends = ()
    queryset = Message.objects.none()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        words = _checked(SearchInput, request.query_params)["q"]
        found = Message.objects.visible_to(request.user).saying(words).values(*COLUMNS)
        return self.get_paginated_response(found_json(self.paginate_queryset(found) or []))


class UnreadView(APIView):
    @extend_schema(responses=UnreadSerializer)
    def get(self, request: Request) -> Response:
        """What you have not read yet, per chat."""
        user = cast(User, request.user)
        rooms = Room.objects.visible_to(user).with_unread(user).filter(unread__gt=0)
        chats = list(rooms.values("unread", chat_id=F("pk")))
        return Response(
            {
                "unread_chats": len(chats),
                "unread_messages": sum(chat["unread"] for chat in chats),
                "chats": [{"chat_id": chat["chat_id"], "unread_count": chat["unread"]} for chat in chats],
            }
        )


# --- Realtime -----------------------------------------------------------------------------------


class TicketView(APIView):
    throttle_classes = (TicketLimit,)

    @extend_schema(request=None, responses={201: TicketSerializer})
    def post(self, request: Request) -> Response:
        """A ticket that opens one socket within 30 seconds."""
        if isinstance(request.auth, AuthSession):
            credential = Credential(access_token=request.headers["Authorization"].partition(" ")[2].strip())
        else:
            session = getattr(request, "session", None)
            credential = Credential(session_key=(session.session_key if session else "") or "")
        if credential == Credential():
            raise Forbidden("no_session", "Sign in with an access token or on a page to open a socket.")
        answer = {"ticket": issue_ticket(credential), "expires_in": int(TICKET_LIFETIME.total_seconds())}
        return Response(answer, status=status.HTTP_201_CREATED)


class SocketStatusView(APIView):
    @extend_schema(responses=SocketStatusSerializer)
    def get(self, request: Request) -> Response:
        """Whether you are online, and the server's clock."""
        sockets = presence.open_sockets(request.user.pk)
        return Response({"online": sockets > 0, "open_sockets": sockets, "server_time": iso(timezone.now())})


class OnlineUsersView(generics.ListAPIView[User]):
    """Who is online, of the people you share a chat with."""

    serializer_class = ContactSerializer
    queryset = User.objects.none()

    def get_queryset(self) -> Any:
        return User.objects.filter(pk__in=presence.online_among(contacts_of(self.request.user.pk))).order_by("id")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        people = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(
            [
                {"id": person.pk, "name": person.get_full_name(), "avatar_url": person.avatar_url or None}
                for person in people
            ]
        )


class UserOnlineView(APIView):
    @extend_schema(responses=OnlineSerializer)
    def get(self, request: Request, user_id: int) -> Response:
        """Whether somebody you share a chat with is online."""
        if user_id != request.user.pk and user_id not in contacts_of(request.user.pk):
            raise NotFound
        return Response({"user_id": user_id, "online": presence.is_online(user_id)})


class AnnouncementView(APIView):
    @extend_schema(request=AnnouncementInput, responses={201: AnnouncementSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Staff: tell one person something, under their bell and on their open sockets."""
        require(why_not_staff(cast(User, request.user), "notifications.add_notification"))
        given = _checked(AnnouncementInput, request.data)
        person = get_or_refuse(User.objects.active(), pk=given.pop("user_id"))
        told = notify(person, kind="announcement", **given)
        audit.record(cast(User, request.user), "notification.sent", person, title=told.title)
        answer = {"id": told.pk, "user_id": person.pk, "title": told.title, "message": told.message}
        return Response(answer | {"created_at": iso(told.created_at)}, status=status.HTTP_201_CREATED)
