"""API paths of chat."""

from django.urls import path

from chat.api import views


def _rooms(prefix: str, name: str) -> list[object]:
    """The paths of rooms; two founding documents name them differently."""
    return [
        path(prefix, views.ChatListView.as_view(), name=f"{name}s"),
        path(f"{prefix}/stats", views.ChatStatsView.as_view(), name=f"{name}-stats"),
        path(f"{prefix}/<int:chat_id>", views.ChatView.as_view(), name=name),
        path(f"{prefix}/<int:chat_id>/archive", views.ChatArchiveView.as_view(), name=f"{name}-archive"),
        path(f"{prefix}/<int:chat_id>/messages", views.ChatMessagesView.as_view(), name=f"{name}-messages"),
        path(f"{prefix}/<int:chat_id>/read", views.ChatReadView.as_view(), name=f"{name}-read"),
    ]


urlpatterns = [
    *_rooms("chats", "chat"),
    *_rooms("chat/rooms", "chat-room"),
    path("messages", views.MessageSendView.as_view(), name="messages"),
    path("messages/search", views.MessageSearchView.as_view(), name="messages-search"),
    path("messages/unread", views.UnreadView.as_view(), name="messages-unread"),
    path("messages/<int:message_id>", views.MessageView.as_view(), name="message"),
    path("messages/<int:message_id>/reactions/<str:emoji>", views.ReactionView.as_view(), name="message-reaction"),
    path("ws/ticket", views.TicketView.as_view(), name="socket-ticket"),
    path("ws/status", views.SocketStatusView.as_view(), name="socket-status"),
    path("ws/online-users", views.OnlineUsersView.as_view(), name="online-users"),
    path("ws/user/<int:user_id>/online", views.UserOnlineView.as_view(), name="user-online"),
    path("ws/send-notification", views.AnnouncementView.as_view(), name="send-notification"),
]
