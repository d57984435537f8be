// Makes conversations live (chat/_thread.html) and keeps the list of them fresh. Without it they are plain forms.
import "./upload.js";
import { ChatView } from "./chat-view.js";
import { csrfToken } from "./csrf.js";
import { Outbox } from "./outbox.js";
import { socket } from "./socket.js";

const GAP_MS = 400; // a message may overtake another one for this long
const ACK_MS = 15000;
const RESYNC_MS = 30000; // finds what got lost on the way while the socket seemed well
const POLL_MS = 4000;
const RETRY_MS = 3000;
const TYPING_MS = 3000;
const TYPING_SHOWN_MS = 6000;
const CALM_MS = 1500; // short losses are not worth a word
const TEMPORARY = new Set(["server_error", "unavailable", "throttled"]);

const callApi = async (method, path, body) => {
  const answer = await fetch(`/api${path}`, {
    method,
    headers: {
      Accept: "application/json",
      "X-CSRFToken": csrfToken(),
      ...(body && { "Content-Type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
  const data = answer.status === 204 ? null : await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const type = answer.status >= 500 ? "server_error" : data.error_type;
    throw Object.assign(new Error(data.detail ?? ""), { type });
  }
  return data;
};

const reasonOf = ({ detail, fields }) => Object.values(fields ?? {})[0]?.[0] ?? detail ?? "";

class Conversation {
  constructor(thread) {
    this.thread = thread;
    this.chat = Number(thread.dataset.chat);
    this.user = Number(thread.dataset.user);
    this.lastSeq = Number(thread.dataset.lastSeq);
    this.lastChange = Number(thread.dataset.lastChange);
    this.view = new ChatView(thread);
    this.outbox = new Outbox(this.user, this.chat);
    this.early = new Map(); // messages that came before one with a lower number
    this.sending = null;
    this.wire();
    this.composer = new Composer(this);
    this.menu = new MessageMenu(this);
    for (const message of this.outbox.all) this.showUnsent(message);
    this.view.arrange();
    const target = location.hash.startsWith("#m") && document.getElementById(location.hash.slice(1));
    if (target) target.scrollIntoView({ block: "center" });
    else this.view.toEnd();
    this.stateChanged(); // the socket may have opened before this script was here
  }

  wire() {
    const mine = (act) => (frame) => frame.chat_id === this.chat && act(frame);
    socket.on("state", () => this.stateChanged());
    socket.on("chat_joined", mine(() => this.synced()));
    socket.on("sync_page", mine((frame) => this.takePage(frame)));
    socket.on("new_message", mine((frame) => this.take(frame)));
    socket.on("message_ack", ({ message }) => message.chat_id === this.chat && this.acknowledged(message));
    socket.on("message_updated", mine((frame) => this.takeChange(frame, () => this.view.put(frame))));
    socket.on("message_deleted", mine((frame) => this.takeChange(frame, () => this.view.put(frame))));
    socket.on("reaction", mine((frame) => this.takeChange(frame, () => this.showReactions(frame))));
    socket.on("message_read", mine(({ user_id: user, up_to_seq: seq }) => this.raise(user, { read: seq, delivered: seq })));
    socket.on("message_delivered", mine(({ user_id: user, up_to_seq: seq }) => this.raise(user, { delivered: seq })));
    socket.on("typing", mine(({ user_id: user, on }) => this.showTyping(user, on)));
    socket.on("chat_left", mine(() => this.close(this.view.words.closed)));
    socket.on("user_online", ({ user_id: user }) => this.showPresence(user, true));
    socket.on("user_offline", ({ user_id: user }) => this.showPresence(user, false));
    socket.on("error", (frame) => this.takeError(frame));
    setInterval(() => this.resync(), RESYNC_MS);
    setInterval(() => socket.isBlocked && socket.state !== "open" && this.poll(), POLL_MS);
    for (const type of ["visibilitychange", "focus"]) addEventListener(type, () => this.markRead());
    document.addEventListener("visibilitychange", () => this.markRead());
    this.view.log.addEventListener("scroll", () => this.markRead(), { passive: true });
    this.wireOlder();
  }

  // Staying in step

  stateChanged() {
    this.stopSending();
    if (socket.state === "open") this.join();
    this.showState();
  }

  join() {
    socket.send({ type: "join_chat", chat_id: this.chat, after_seq: this.lastSeq, after_change: this.lastChange });
  }

  resync() {
    socket.send({ type: "sync", chat_id: this.chat, after_seq: this.lastSeq, after_change: this.lastChange });
  }

  takePage(page) {
    for (const { user_id: user, read_seq: read, delivered_seq: delivered } of page.members)
      this.raise(user, { read, delivered });
    for (const message of page.changed) if (this.view.find(message)) this.view.put(message);
    for (const message of page.messages) this.place(message);
    this.lastChange = Math.max(this.lastChange, page.last_change);
    this.takeEarly();
    this.settle();
    if (page.more) this.resync();
    else this.synced();
  }

  synced() {
    this.sendNext();
    this.markRead();
  }

  take(message) {
    if (message.seq > this.lastSeq + 1) {
      this.early.set(message.seq, message);
      setTimeout(() => this.early.size && this.resync(), GAP_MS);
      return;
    }
    this.place(message);
    this.takeEarly();
    this.settle();
    this.showTyping(message.sender_id, false);
  }

  takeEarly() {
    for (const [seq, message] of [...this.early].sort(([a], [b]) => a - b)) {
      if (seq > this.lastSeq + 1) break;
      this.early.delete(seq);
      this.place(message);
    }
  }

  /** A message whose predecessors are all here. */
  place(message) {
    if (message.sender_id === this.user) this.outbox.remove(message.client_id);
    const mine = message.sender_id === this.user;
    const me = this.view.members.get(this.user);
    const isFirstUnread = message.seq > this.lastSeq && me?.read === this.lastSeq;
    if (this.view.isAtEnd || mine) this.stick = true;
    const item = this.view.put(message);
    this.lastSeq = Math.max(this.lastSeq, message.seq);
    if (mine) this.raise(this.user, { read: message.seq, delivered: message.seq });
    else if (isFirstUnread && !this.isWatched) this.view.divideBefore(item);
  }

  settle() {
    this.view.arrange();
    if (this.stick) this.view.toEnd();
    this.stick = false;
    this.markRead();
    this.showState();
  }

  takeChange({ change }, show) {
    if (change > this.lastChange + 1) setTimeout(() => this.resync(), GAP_MS);
    if (change <= this.lastChange + 1) this.lastChange = Math.max(this.lastChange, change);
    show();
    this.view.arrange();
  }

  showReactions({ message_id: id, reactions }) {
    const item = this.view.list.querySelector(`[data-message="${id}"]`);
    item?.querySelector(".reactions")?.remove();
    if (item && reactions.length) item.querySelector("[data-meta]").before(this.view.reactionsOf(reactions));
  }

  // Sending

  send(draft) {
    const message = { ...draft, client_id: crypto.randomUUID(), created_at: new Date().toISOString() };
    this.outbox.add(message);
    this.showUnsent(message);
    this.view.undivide();
    this.view.arrange();
    this.view.toEnd();
    this.sendNext();
    this.showState();
  }

  showUnsent(message) {
    const item = this.view.put({ ...message, sender_id: this.user, reactions: [], status: message.refused ? "failed" : "waiting" });
    if (message.refused) this.offerAgain(item, message);
  }

  /** One at a time, so that they arrive in the order in which they were written. */
  sendNext() {
    const next = this.outbox.waiting[0];
    if (!next || this.sending) return;
    const { client_id: id, content, attachments, reply_to: reply } = next;
    const message = { content, client_id: id, attachment_ids: attachments.map((file) => file.id), reply_to: reply?.id };
    if (socket.send({ type: "send_message", chat_id: this.chat, ...message })) {
      this.sending = { id, timer: setTimeout(() => this.tryAgain(), ACK_MS) };
    } else if (socket.isBlocked) {
      this.sending = { id };
      callApi("POST", `/chats/${this.chat}/messages`, message)
        .then((sent) => this.acknowledged(sent), (error) => this.refused(id, error.type, error.message));
    }
  }

  stopSending() {
    clearTimeout(this.sending?.timer);
    this.sending = null;
  }

  tryAgain() {
    this.stopSending();
    this.sendNext();
  }

  acknowledged(message) {
    if (this.sending?.id === message.client_id) this.stopSending();
    this.take(message);
    this.outbox.remove(message.client_id);
    this.sendNext();
    this.showState();
  }

  takeError(frame) {
    if (frame.client_id && this.outbox.has(frame.client_id)) this.refused(frame.client_id, frame.error_type, reasonOf(frame));
    else if (frame.error_type === "not_found" && !frame.client_id && !this.lastSeq) this.close(this.view.words.closed);
  }

  refused(id, type, why) {
    this.stopSending();
    if (!type || TEMPORARY.has(type)) {
      setTimeout(() => this.sendNext(), RETRY_MS);
      return;
    }
    this.outbox.refuse(id, why || this.view.words.again);
    this.showUnsent(this.outbox.all.find((message) => message.client_id === id));
    this.view.arrange();
    this.sendNext();
  }

  offerAgain(item, message) {
    const button = (label, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", className: "link-like msg__again", textContent: label });
      made.addEventListener("click", act);
      return made;
    };
    const again = button(this.view.words.again, () => {
      this.outbox.refuse(message.client_id, null);
      this.showUnsent({ ...message, refused: null });
      this.view.arrange();
      this.sendNext();
    });
    const drop = button(this.view.words.drop, () => {
      this.outbox.remove(message.client_id);
      item.remove();
      this.view.arrange();
    });
    item.querySelector("[data-meta]").append(` ${message.refused} `, again, " ", drop);
  }

  /** Without a socket: ask every few seconds. */
  async poll() {
    const page = await callApi("GET", `/chats/${this.chat}/messages?page_size=100&after_seq=${this.lastSeq}`).catch(() => null);
    this.polls = page !== null;
    this.showState();
    if (!page) return;
    for (const message of page.results.reverse()) this.place(message);
    if (page.results.length) this.settle();
    this.sendNext();
  }

  // Watermarks

  get isWatched() {
    return document.visibilityState === "visible" && document.hasFocus() && this.view.isAtEnd;
  }

  raise(user, { read = 0, delivered = 0 }) {
    const member = this.view.members.get(user);
    if (!member) return;
    member.read = Math.max(member.read, read);
    member.delivered = Math.max(member.delivered, delivered);
    this.view.markAll();
  }

  markRead() {
    const me = this.view.members.get(this.user);
    if (!me || !this.lastSeq) return;
    if (this.isWatched && me.read < this.lastSeq) {
      if (socket.send({ type: "mark_read", chat_id: this.chat, up_to_seq: this.lastSeq })) me.read = me.delivered = this.lastSeq;
      else if (socket.isBlocked) {
        me.read = this.lastSeq;
        callApi("PUT", `/chats/${this.chat}/read`, { up_to_seq: this.lastSeq }).catch(() => {});
      }
    } else if (me.delivered < this.lastSeq) {
      if (socket.send({ type: "mark_delivered", chat_id: this.chat, up_to_seq: this.lastSeq })) me.delivered = this.lastSeq;
    }
  }

  // Older messages

  wireOlder() {
    const link = this.thread.querySelector("[data-older]");
    if (!link) return;
    let loading = false;
    const load = async (event) => {
      event?.preventDefault();
      if (loading) return;
      loading = true;
      const first = this.view.list.querySelector("[data-seq]")?.dataset.seq;
      this.view.log.setAttribute("aria-busy", "true"); // old messages are not news
      const page = await callApi("GET", `/chats/${this.chat}/messages?before_seq=${first}`).catch(() => null);
      if (page) {
        this.view.keepPlace(() => {
          for (const message of page.results) this.view.put(message);
          this.view.arrange();
          if (!page.next) link.remove();
        });
      }
      this.view.log.removeAttribute("aria-busy");
      loading = false;
    };
    link.addEventListener("click", load);
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && load(), { root: this.view.log, rootMargin: "300px" }).observe(link);
  }

  // Others

  showTyping(user, on) {
    const line = this.thread.querySelector("[data-typing]");
    const stick = this.view.isAtEnd;
    clearTimeout(this.typingTimer);
    line.hidden = !on;
    if (!on) return;
    const name = this.view.members.get(user)?.short ?? "";
    line.querySelector("[data-typing-text]").textContent = this.view.words.typing.replace("{name}", name);
    this.typingTimer = setTimeout(() => this.showTyping(user, false), TYPING_SHOWN_MS);
    if (stick) this.view.toEnd();
  }

  showPresence(user, here) {
    const place = this.thread.querySelector(`[data-presence="${user}"]`);
    if (!place) return;
    this.thread.querySelector("[data-here]").hidden = !here;
    place.querySelector(".avatar__on")?.remove();
    if (here) place.querySelector(".avatar").append(Object.assign(document.createElement("span"), { className: "avatar__on" }));
  }

  // The state of the connection, said calmly

  showState() {
    if (socket.state === "signed-out") return this.close(this.view.words.signedOut, this.thread.dataset.signIn);
    if (socket.state === "open") {
      clearTimeout(this.calm);
      this.calm = null;
      this.say("");
    } else if (this.isSaying) this.say(this.stateText());
    else
      this.calm ??= setTimeout(() => {
        this.calm = null;
        if (socket.state !== "open") this.say(this.stateText());
      }, CALM_MS);
  }

  stateText() {
    const { words } = this.view;
    const waiting = this.outbox.waiting.length;
    const kept = waiting > 1 ? words.manyWait.replace("{count}", waiting) : waiting ? words.oneWaits : "";
    if (socket.isBlocked && this.polls) return words.slow;
    return `${navigator.onLine ? words.reconnecting : words.offline} ${kept}`.trim();
  }

  get isSaying() {
    return !this.thread.querySelector("[data-banner]").hidden;
  }

  say(text) {
    const banner = this.thread.querySelector("[data-banner]");
    if (banner.querySelector("[data-banner-text]").textContent !== text) banner.querySelector("[data-banner-text]").textContent = text;
    banner.hidden = !text;
  }

  close(text, link) {
    clearTimeout(this.calm);
    this.say(text);
    this.thread.querySelector("[data-banner] .spin")?.remove();
    if (link) {
      const sign = Object.assign(document.createElement("a"), { href: `${link}?next=${encodeURIComponent(location.pathname)}`, textContent: this.view.words.signIn });
      this.thread.querySelector("[data-banner-text]").append(" ", sign);
    }
    this.composer.disable();
  }
}

class Composer {
  constructor(conversation) {
    this.conversation = conversation;
    this.form = conversation.thread.querySelector("[data-composer]");
    this.text = this.form.querySelector("[data-text]");
    this.files = this.form.querySelector("[data-upload-list]");
    this.quote = this.form.querySelector("[data-quote]");
    this.reply = null;
    this.editing = null;
    this.draftKey = `draft-${conversation.user}-${conversation.chat}`;
    this.text.value ||= localStorage.getItem(this.draftKey) ?? "";
    this.wire();
  }

  wire() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.text.addEventListener("keydown", (event) => {
      const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches;
      if (sends) {
        event.preventDefault();
        this.submit();
      } else if (event.key === "Escape" && (this.editing || this.reply)) this.reset();
    });
    this.text.addEventListener("input", () => {
      if (!this.editing) this.keepDraft();
      this.tellTyping();
    });
    this.text.addEventListener("paste", (event) => this.takeFiles(event, event.clipboardData?.files));
    this.form.querySelector("[data-quote-drop]").addEventListener("click", () => this.reset());
  }

  /** Pasted pictures go up like chosen ones. */
  takeFiles(event, files) {
    if (!files?.length) return;
    event.preventDefault();
    const input = this.form.querySelector("input[type=file]");
    input.files = files;
    input.dispatchEvent(new Event("change"));
  }

  get attachments() {
    return [...this.files.querySelectorAll("[data-upload-chip]")].flatMap((chip) => {
      const id = Number(chip.querySelector("input")?.value);
      const name = chip.querySelector("[data-name]").textContent;
      return id ? [{ id, name, content_type: "", size: 0 }] : [];
    });
  }

  get isUploading() {
    return [...this.files.querySelectorAll("[data-upload-chip]:not(.file-chip--bad)")].some((chip) => !chip.querySelector("input"));
  }

  submit() {
    const content = this.text.value.trim();
    const { attachments } = this;
    if (this.isUploading) return this.conversation.say(this.conversation.view.words.uploading);
    if (!content && !attachments.length) return;
    if (this.editing) {
      this.change(content);
      return;
    }
    this.conversation.send({ content, attachments, reply_to: this.reply });
    this.files.replaceChildren();
    this.text.value = "";
    this.keepDraft();
    this.reset();
    this.stopTyping();
  }

  async change(content) {
    const { conversation, editing } = this;
    try {
      const message = await callApi("PATCH", `/messages/${editing}`, { content });
      conversation.takeChange(message, () => conversation.view.put(message));
      this.text.value = "";
      this.reset();
    } catch (error) {
      conversation.say(error.message || conversation.view.words.reconnecting);
    }
  }

  answer(reply) {
    this.reset();
    this.reply = reply;
    this.showAbove(reply.content || this.conversation.view.words.nothingQuoted);
  }

  edit(id, content) {
    this.reset();
    this.editing = id;
    this.text.value = content;
    this.showAbove(this.conversation.view.words.editing);
  }

  showAbove(text) {
    this.quote.hidden = false;
    this.quote.querySelector("[data-quote-text]").textContent = text;
    this.text.focus();
  }

  reset() {
    if (this.editing) this.text.value = localStorage.getItem(this.draftKey) ?? "";
    this.editing = this.reply = null;
    this.quote.hidden = true;
    this.text.focus();
  }

  keepDraft() {
    if (this.text.value) localStorage.setItem(this.draftKey, this.text.value);
    else localStorage.removeItem(this.draftKey);
  }

  tellTyping() {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.stopTyping(), 2 * TYPING_MS);
    if (Date.now() - (this.told ?? 0) < TYPING_MS || !this.text.value) return;
    this.told = Date.now();
    socket.send({ type: "typing_start", chat_id: this.conversation.chat });
  }

  stopTyping() {
    clearTimeout(this.idle);
    if (this.told) socket.send({ type: "typing_stop", chat_id: this.conversation.chat });
    this.told = 0;
  }

  disable() {
    for (const control of this.form.elements) control.disabled = true;
  }
}

/** What can be done with one message: shown beside it on hover and focus, as one menu that moves along. */
class MessageMenu {
  constructor(conversation) {
    this.conversation = conversation;
    this.view = conversation.view;
    this.opener = this.view.template("more").firstElementChild;
    this.menu = this.view.template("more-menu").firstElementChild;
    this.wire();
  }

  wire() {
    const { list } = this.view;
    for (const type of ["mouseover", "focusin", "click"]) list.addEventListener(type, ({ target }) => this.follow(target.closest(".msg")));
    list.addEventListener("click", ({ target }) => this.clicked(target));
    document.addEventListener("click", ({ target }) => this.opener.contains(target) || this.menu.contains(target) || this.close());
    document.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !this.menu.isConnected) return;
      this.close();
      this.opener.focus();
    });
    this.view.log.addEventListener("keydown", (event) => this.walk(event));
  }

  follow(item) {
    if (!item?.dataset.message || item.classList.contains("msg--gone") || this.menu.isConnected) return;
    if (this.opener.parentElement !== item) item.append(this.opener);
  }

  /** Up and down go from message to message; the menu's button is the stop inside each. */
  walk(event) {
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (!step || this.menu.isConnected) return;
    const items = this.view.list.querySelectorAll(".msg[data-message]:not(.msg--gone)");
    let item = this.opener.isConnected && this.view.log.contains(document.activeElement) ? this.opener.closest(".msg") : null;
    do item = item ? item[step] : items[items.length - 1];
    while (item && !item.matches(".msg[data-message]:not(.msg--gone)"));
    if (!item) return;
    event.preventDefault();
    this.follow(item);
    this.opener.focus();
  }

  clicked(target) {
    if (target.closest("[data-more-open]")) return this.toggle();
    const item = target.closest(".msg");
    const emoji = target.closest("[data-emoji]")?.dataset.emoji;
    if (emoji) return this.react(item, emoji);
    const act = target.closest("[data-act]")?.dataset.act;
    if (act) this[act](item);
  }

  toggle() {
    if (this.menu.isConnected) return this.close();
    const item = this.opener.closest(".msg");
    const mine = Number(item.dataset.sender) === this.view.user;
    for (const act of ["edit", "delete"]) this.menu.querySelector(`[data-act="${act}"]`).hidden = !mine;
    item.append(this.menu);
    this.opener.setAttribute("aria-expanded", "true");
    this.menu.scrollIntoView({ block: "nearest" });
    this.menu.querySelector("button").focus();
  }

  close() {
    this.menu.remove();
    this.opener.setAttribute("aria-expanded", "false");
  }

  async react(item, emoji) {
    const given = item.querySelector(`.reaction[data-emoji="${CSS.escape(emoji)}"][aria-pressed="true"]`);
    this.close();
    const path = `/messages/${item.dataset.message}/reactions/${encodeURIComponent(emoji)}`;
    await callApi(given ? "DELETE" : "PUT", path).catch((error) => this.conversation.say(error.message));
  }

  reply(item) {
    this.close();
    this.conversation.composer.answer({ id: Number(item.dataset.message), seq: Number(item.dataset.seq), content: this.textOf(item) });
  }

  edit(item) {
    this.close();
    this.conversation.composer.edit(Number(item.dataset.message), this.textOf(item));
  }

  async delete(item) {
    this.close();
    await callApi("DELETE", `/messages/${item.dataset.message}`).catch((error) => this.conversation.say(error.message));
  }

  textOf(item) {
    const body = item.querySelector(".msg__body")?.cloneNode(true);
    body?.querySelector(".msg__quote")?.remove();
    return body?.textContent.trim() ?? "";
  }
}

// The list of conversations, written by the server each time

const wireRooms = (pane) => {
  const current = document.querySelector("[data-chat]")?.dataset.chat ?? "";
  let timer = 0;
  const refresh = async () => {
    const answer = await fetch(`${pane.dataset.rooms}?current=${current}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok) pane.innerHTML = await answer.text();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 500);
  };
  for (const type of ["chat_news", "chat_joined", "chat_left", "user_online", "user_offline", "message_deleted"]) socket.on(type, soon);
  socket.on("new_message", soon);
  socket.on("message_read", ({ user_id: user }) => user === Number(document.querySelector("[data-user]")?.dataset.user) && soon());
};

document.querySelectorAll("[data-chat]").forEach((thread) => new Conversation(thread));
document.querySelectorAll("[data-rooms]:not([data-frozen])").forEach(wireRooms);
