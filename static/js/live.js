// Keeps the counts in the top bar true while a page is open, and says that messages have reached this device.
import { socket } from "./socket.js";

const SETTLE_MS = 300;
const timers = new Map();

const later = (name, act) => {
  clearTimeout(timers.get(name));
  timers.set(name, setTimeout(act, SETTLE_MS));
};

const fetchJson = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : null;
};

/** Write a number on the bell or tab marked with data-count; nothing for zero. Its words come from the server's markup. */
const showCount = (name, number) => {
  for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
    const template = document.getElementById(`count-${name}`);
    place.querySelector(".count")?.remove();
    if (!number || !template) continue;
    const count = template.content.firstElementChild.cloneNode(true);
    for (const node of count.childNodes)
      if (node.nodeType === Node.TEXT_NODE && node.textContent.trim()) node.textContent = number > 99 ? "99+" : number;
    place.append(count);
  }
};

const countMessages = () =>
  later("messages", async () => {
    const unread = await fetchJson("/api/messages/unread").catch(() => null);
    if (unread) showCount("messages", unread.unread_chats);
  });

const countNotifications = () =>
  later("notifications", async () => {
    const unread = await fetchJson("/api/notifications/unread-count").catch(() => null);
    if (unread) showCount("notifications", unread.unread_count);
  });

const delivered = new Map();

socket.on("chat_news", ({ chat_id: chat, seq }) => {
  countMessages();
  if (!seq) return;
  delivered.set(chat, Math.max(seq, delivered.get(chat) ?? 0));
  later("delivered", () => {
    for (const [id, number] of delivered) socket.send({ type: "mark_delivered", chat_id: id, up_to_seq: number });
    delivered.clear();
  });
});
socket.on("new_message", countMessages);
socket.on("message_read", countMessages);
socket.on("notification", countNotifications);

let opened = 0;
socket.on("connected", () => {
  if ((opened += 1) === 1) return; // the page has just been made with the right numbers
  countMessages();
  countNotifications();
});
socket.start();
