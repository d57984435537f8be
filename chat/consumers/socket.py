"""One open socket: signs in, checks every frame, delegates to services, and passes on what concerns its person."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from chat.consumers import answers
from chat.consumers.frames import Allowance, BadFrame, Frame, read_frame
from chat.rules import PRESENCE_GRACE, PRESENCE_REFRESH, TOKEN_WARNING, preview_of
from chat.services import presence
from chat.services.tickets import standing_of
from chat.sign_in import SignIn, in_thread
from core.errors import DATABASE_BUSY, DomainError, NotFound, Unavailable, error_body
from core.formats import iso
from core.realtime import user_group

Json = dict[str, Any]
logger = structlog.get_logger("socket")

NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
FLOODING = 4429
RECONNECT = 1012
# The sender hears of these like everybody else; a direct answer only repeats a client_id.
TOLD_TO_ALL = {"message_read", "message_delivered", "message_updated", "message_deleted", "reaction"}
SLOW_READER = timedelta(seconds=10)

_farewells: set[asyncio.Task[None]] = set()


class SocketConsumer(AsyncWebsocketConsumer):
    """`joined` are the chats whose frames this socket wants; of others it only hears that there is news."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined: set[int] = set()
        self.allowance = Allowance(settings.RATE_LIMIT_FACTOR)
        self.entered = False
        self.closing = False
        self._watcher: asyncio.Task[None] | None = None

    # --- Opening and closing --------------------------------------------------------------------

    async def connect(self) -> None:
        sign_in: SignIn = self.scope["sign_in"]
        await self.accept(sign_in.subprotocol)
        if sign_in.standing is None:
            await self._shut(NOT_SIGNED_IN)
            return
        self.user = sign_in.standing.user
        await self.channel_layer.group_add(user_group(self.user.pk), self.channel_name)
        self.entered = True
        await self._say({"type": "connected", "user_id": self.user.pk, "server_time": iso(timezone.now())})
        await in_thread(presence.arrive, self.user.pk, self.channel_name)
        self._watcher = asyncio.create_task(self._watch(sign_in))
        if chat_id := self.scope["url_route"]["kwargs"].get("chat_id"):
            try:
                await self._say(await self.on_join_chat(int(chat_id)))
            except NotFound:
                await self._shut(NOT_ALLOWED)

    async def disconnect(self, code: int) -> None:
        self.closing = True
        if not self.entered:
            return
        self.entered = False
        if self._watcher:
            self._watcher.cancel()
        await self.channel_layer.group_discard(user_group(self.user.pk), self.channel_name)
        await in_thread(presence.leave, self.user.pk, self.channel_name)
        farewell = asyncio.create_task(_say_farewell(self.user.pk))
        _farewells.add(farewell)  # the loop itself keeps no reference to a task
        farewell.add_done_callback(_farewells.discard)

    async def _shut(self, code: int) -> None:
        self.closing = True
        await self.close(code)

    async def _say(self, frame: Json) -> None:
        """Send a frame; whoever does not read for a while is cut off, and catches up when they come back."""
        if self.closing:
            return
        try:
            async with asyncio.timeout(SLOW_READER.total_seconds()):
                await self.send(orjson.dumps(frame).decode())
        except TimeoutError:
            await self.disconnect(RECONNECT)
            raise StopConsumer from None

    async def _watch(self, sign_in: SignIn) -> None:
        """Keep the person online, and close the socket when their sign-in ends."""
        expires_at = sign_in.standing.expires_at if sign_in.standing else None
        warned = False
        while not self.closing:
            left = (expires_at - timezone.now()) if expires_at else timedelta.max
            if left <= timedelta():
                await self._shut(NOT_SIGNED_IN)
                return
            if left <= TOKEN_WARNING and not warned:
                warned = True
                await self._say({"type": "token_expiring", "expires_at": iso(expires_at)})
            soonest = min(left if warned else left - TOKEN_WARNING, PRESENCE_REFRESH)
            # Sockets that opened together (after a restart) must not all look at the same moment.
            await asyncio.sleep(soonest.total_seconds() * random.uniform(0.9, 1))  # noqa: S311 - hides nothing
            await self._look_again(sign_in)

    async def _look_again(self, sign_in: SignIn) -> None:
        try:
            standing = await in_thread(standing_of, sign_in.credential)
            if standing is None:
                await self._shut(NOT_SIGNED_IN)
                return
            self.user = standing.user
            await in_thread(presence.enter, self.user.pk, self.channel_name)
        except Exception:  # the database or Redis is away for a moment: look again at the next turn
            logger.warning("socket_look_failed", exc_info=True)

    # --- Frames in ------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.closing:
            return
        if not self.allowance.take():
            await self._shut(FLOODING)
            return
        try:
            frame = read_frame(text_data)
        except DomainError as error:
            answer = _error(error.code, error.message, error.fields)
            client_id = error.client_id if isinstance(error, BadFrame) else ""
            await self._say(answer | {"client_id": client_id} if client_id else answer)
        else:
            await self._answer(frame)

    async def _answer(self, frame: Frame) -> None:
        handle: Callable[..., Awaitable[Json | None]] = getattr(self, f"on_{frame.type}")
        try:
            answer = await handle(**frame.values)
        except DomainError as error:
            answer = _error(error.code, error.message, error.fields)
        except DATABASE_BUSY:
            logger.exception("frame_met_busy_database", frame=frame.type, user_id=self.user.pk)
            answer = _error(Unavailable.code, Unavailable.message)
        except Exception:
            logger.exception("frame_failed", frame=frame.type, user_id=self.user.pk)
            answer = _error("server_error", "Something broke on our side. Try again in a moment.")
        if answer is not None and (frame.client_id or answer["type"] not in TOLD_TO_ALL):
            await self._say(answer | {"client_id": frame.client_id} if frame.client_id else answer)

    async def on_ping(self) -> Json:
        return {"type": "pong", "server_time": iso(timezone.now())}

    async def on_join_chat(self, chat_id: int, after_seq: int | None = None, after_change: int | None = None) -> Json:
        # Joined first and read afterwards: what is sent in between arrives twice rather than never.
        known = chat_id in self.joined
        self.joined.add(chat_id)
        try:
            if after_seq is not None:
                return await in_thread(answers.sync_page, self.user, chat_id, after_seq, after_change)
            return await in_thread(answers.joined, self.user, chat_id)
        except DomainError:
            if not known:
                self.joined.discard(chat_id)
            raise

    async def on_leave_chat(self, chat_id: int) -> Json:
        self.joined.discard(chat_id)
        return {"type": "chat_left", "chat_id": chat_id}

    async def on_join_project(self, project_id: int) -> Json:
        chat_ids = await in_thread(answers.project_chats, self.user, project_id)
        self.joined.update(chat_ids)
        return {"type": "project_joined", "project_id": project_id, "chat_ids": chat_ids}

    async def on_leave_project(self, project_id: int) -> Json:
        chat_ids = await in_thread(answers.project_chats, self.user, project_id)
        self.joined.difference_update(chat_ids)
        return {"type": "project_left", "project_id": project_id, "chat_ids": chat_ids}

    async def on_send_message(self, **values: Any) -> Json:
        message = await in_thread(answers.send, self.user, **values)
        self.joined.add(message["chat_id"])
        return {"type": "message_ack", "client_id": message["client_id"], "message": message}

    async def on_typing_start(self, chat_id: int) -> None:
        await in_thread(answers.tell_typing, self.user, chat_id, on=True)

    async def on_typing_stop(self, chat_id: int) -> None:
        await in_thread(answers.tell_typing, self.user, chat_id, on=False)

    async def on_mark_read(self, chat_id: int, up_to_seq: int) -> Json:
        return await in_thread(answers.mark_read, self.user, chat_id, up_to_seq)

    async def on_mark_delivered(self, chat_id: int, up_to_seq: int) -> Json:
        return await in_thread(answers.mark_delivered, self.user, chat_id, up_to_seq)

    async def on_sync(self, chat_id: int, after_seq: int, after_change: int | None = None) -> Json:
        return await in_thread(answers.sync_page, self.user, chat_id, after_seq, after_change)

    async def on_edit_message(self, message_id: int, content: str) -> Json:
        return await in_thread(answers.edit_message, self.user, message_id, content)

    async def on_delete_message(self, message_id: int) -> Json:
        return await in_thread(answers.delete_message, self.user, message_id)

    async def on_react(self, message_id: int, emoji: str, on: bool) -> Json:
        return await in_thread(answers.react, self.user, message_id, emoji, on)

    # --- News from the channel layer ------------------------------------------------------------

    async def chat_frame(self, event: Json) -> None:
        """A frame from `chat.services.news`: passed on if its chat is joined, else as a hint that there is news."""
        frame: Json = event["frame"]
        chat_id = frame.get("chat_id")
        if frame["type"] == "chat_left":
            self.joined.discard(chat_id)
        elif chat_id is not None and chat_id not in self.joined:
            if hint := self._hint(frame):
                await self._say(hint)
            return
        await self._say(frame)

    def _hint(self, frame: Json) -> Json | None:
        """What concerns a chat that is not open here: its list of chats and counts change, nothing more."""
        if frame["type"] == "chat_joined":
            return frame
        if frame["type"] == "new_message":
            about = {name: frame[name] for name in ("chat_id", "seq", "sender_id", "created_at")}
            return {"type": "chat_news", **about, "preview": preview_of(frame["content"])}
        if frame["type"] == "message_read" and frame["user_id"] == self.user.pk:
            return {"type": "chat_news", "chat_id": frame["chat_id"], "read_seq": frame["up_to_seq"]}
        return None

    async def notification(self, event: Json) -> None:
        await self._say(event)

    async def sign_in_changed(self, event: Json) -> None:
        """A session of this person was revoked somewhere: see whether it was the one of this socket."""
        await self._look_again(self.scope["sign_in"])


def _error(code: str, message: str, fields: Any = None) -> Json:
    return {"type": "error", **error_body(code, message, fields)}


async def _say_farewell(user_id: int) -> None:
    await asyncio.sleep(PRESENCE_GRACE.total_seconds())
    await in_thread(presence.tell_if_gone, user_id)
