// How a conversation looks: messages from JSON in the markup of chat/_line.html, days between them, marks under them.
const SAME_BREATH_MS = 5 * 60 * 1000;
const ADDRESS = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?()[\]]/gi; // the same as in chat/templatetags/chat_tags.py

const element = (tag, className = "", text = "") => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
};

/** Text with its web addresses as links; nothing in it is ever read as markup. */
const linkified = (text) => {
  const pieces = [];
  let end = 0;
  for (const { 0: url, index } of text.matchAll(ADDRESS)) {
    const link = element("a", "", url);
    Object.assign(link, { href: url, rel: "nofollow noopener ugc", target: "_blank" });
    pieces.push(text.slice(end, index), link);
    end = index + url.length;
  }
  return [...pieces, text.slice(end)];
};

/** data-say-new="New" as words.new */
const wordsOf = ({ dataset }) =>
  Object.fromEntries(
    Object.entries(dataset)
      .filter(([name]) => name.startsWith("say"))
      .map(([name, text]) => [name[3].toLowerCase() + name.slice(4), text]),
  );

export class ChatView {
  constructor(thread) {
    this.list = thread.querySelector("[data-list]");
    this.log = thread.querySelector("[data-log]");
    this.words = wordsOf(thread.querySelector("[data-words]"));
    this.user = Number(thread.dataset.user);
    this.members = new Map(
      [...thread.querySelectorAll("[data-member]")].map(({ value, dataset }) => [
        Number(value),
        { name: dataset.member, short: dataset.short, read: Number(dataset.read), delivered: Number(dataset.delivered) },
      ]),
    );
    this.thread = thread;
    const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
    const timeZone = thread.dataset.timeZone || undefined;
    const format = (options) => new Intl.DateTimeFormat(language, { timeZone, ...options });
    this.clock = format({ hour: "2-digit", minute: "2-digit", hour12: false });
    this.longDay = format({ weekday: "long", day: "numeric", month: "long" });
    this.farDay = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.dayKey = new Intl.DateTimeFormat("en-CA", { timeZone });
    this.arrange();
    this.holdEnd();
  }

  template(name, value) {
    return this.thread.querySelector(`template[data-${name}${value === undefined ? "" : `="${value}"`}]`).content.cloneNode(true);
  }

  // One message

  find({ client_id: clientId, sender_id: sender, seq }) {
    return (
      (seq && this.list.querySelector(`[data-seq="${seq}"]`)) ||
      this.list.querySelector(`[data-client-id="${CSS.escape(clientId)}"][data-sender="${sender}"]`)
    );
  }

  /** Show a message, or show it anew; unsent ones (without seq) stand at the end. */
  put(message) {
    const item = this.build(message);
    const old = this.find(message);
    if (old) old.replaceWith(item);
    else this.list.insertBefore(item, this.placeFor(message.seq));
    return item;
  }

  placeFor(seq) {
    if (!seq) return null;
    const later = [...this.list.querySelectorAll(".msg")].find(({ dataset }) => !dataset.seq || Number(dataset.seq) > seq);
    return later ?? null;
  }

  remove(message) {
    this.find(message)?.remove();
  }

  build(message) {
    const mine = message.sender_id === this.user;
    const item = element("li", `msg${mine ? " msg--mine" : ""}${message.deleted ? " msg--gone" : ""}`);
    if (message.seq) Object.assign(item, { id: `m${message.seq}` }).dataset.seq = message.seq;
    if (message.id) item.dataset.message = message.id;
    item.dataset.sender = message.sender_id;
    item.dataset.clientId = message.client_id;
    item.dataset.at = message.created_at;
    item.dataset.status = message.status;
    if (message.edited_at) item.dataset.edited = "";
    item.append(element("span", "visually-hidden", mine ? this.words.you : `${this.members.get(message.sender_id)?.name ?? ""}:`));
    if (message.deleted) item.append(element("span", "msg__body", this.words.deleted));
    else item.append(...this.bodyOf(message));
    item.append(this.metaOf(message, mine));
    return item;
  }

  bodyOf(message) {
    const parts = [];
    if (message.content || message.reply_to) {
      const body = element("span", "msg__body");
      body.dir = "auto";
      if (message.reply_to) {
        const quote = element("a", "msg__quote truncate", message.reply_to.content || this.words.nothingQuoted);
        quote.href = `#m${message.reply_to.seq}`;
        body.append(quote);
      }
      body.append(...linkified(message.content));
      parts.push(body);
    }
    parts.push(...message.attachments.map((file) => this.fileOf(file)));
    if (message.reactions.length) parts.push(this.reactionsOf(message.reactions));
    return parts;
  }

  fileOf(file) {
    const kinds = ["image/", "application/pdf", "application/zip"];
    const chip = this.template("file", kinds.find((kind) => file.content_type.startsWith(kind)) ?? "").firstElementChild;
    if (file.thumbnail_url) {
      const thumb = Object.assign(new Image(48, 48), { className: "file-chip__thumb", alt: "", src: file.thumbnail_url });
      chip.firstElementChild.replaceWith(thumb);
    }
    chip.href = file.url ?? "";
    chip.querySelector(".file-chip__name").textContent = file.name;
    chip.querySelector(".file-chip__meta").textContent = this.fileMeta(file);
    return chip;
  }

  fileMeta({ content_type: type, name, size }) {
    const word = type.startsWith("image/") ? this.words.picture : name.split(".").pop().toUpperCase().slice(0, 5);
    const [unit, step] = size >= 1024 ** 2 ? ["megabyte", 1024 ** 2] : size >= 1024 ? ["kilobyte", 1024] : ["byte", 1];
    const digits = unit === "megabyte" ? 1 : 0;
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: digits });
    return size ? `${word}, ${format.format(size / step)}` : word;
  }

  reactionsOf(reactions) {
    const row = element("span", "reactions");
    for (const { emoji, user_ids: people } of reactions) {
      const button = element("button", "reaction", `${emoji} ${people.length}`);
      button.type = "button";
      button.dataset.emoji = emoji;
      button.setAttribute("aria-pressed", String(people.includes(this.user)));
      row.append(button);
    }
    return row;
  }

  metaOf(message, mine) {
    const meta = element("span", "msg__meta");
    meta.dataset.meta = "";
    const time = element("time", "", this.clock.format(new Date(message.created_at)));
    time.dateTime = message.created_at;
    meta.append(time);
    if (message.edited_at && !message.deleted) meta.append(` · ${this.words.edited}`);
    if (mine && !message.deleted) {
      const mark = element("span");
      mark.dataset.mark = "";
      meta.append(" ", mark);
    }
    return meta;
  }

  // Marks

  /** Write the state of every own message anew, from how far the others are. */
  markAll() {
    const others = [...this.members].filter(([id]) => id !== this.user).map(([, member]) => member);
    const read = Math.min(...others.map((member) => member.read));
    const delivered = Math.min(...others.map((member) => member.delivered));
    for (const item of this.list.querySelectorAll(".msg--mine")) {
      const seq = Number(item.dataset.seq);
      if (seq && others.length) this.mark(item, seq <= read ? "read" : seq <= delivered ? "delivered" : "sent");
      else this.mark(item, item.dataset.status);
    }
  }

  mark(item, status) {
    const place = item.querySelector("[data-mark]");
    if (!place || place.dataset.mark === status) return;
    item.dataset.status = status;
    place.dataset.mark = status;
    place.replaceChildren(this.template("mark", status));
    const meta = item.querySelector("[data-meta]");
    meta.classList.toggle("msg__meta--read", status === "read");
    meta.classList.toggle("msg__meta--failed", status === "failed");
  }

  // Order

  /** Days between messages, groups of one sender, and times only under the last of a group. */
  arrange() {
    this.list.querySelectorAll("[data-day]").forEach((day) => day.remove());
    const items = [...this.list.querySelectorAll(".msg")];
    let before = null;
    for (const item of items) {
      const at = new Date(item.dataset.at);
      const day = this.dayKey.format(at);
      const isNew = item.previousElementSibling?.hasAttribute("data-new");
      const sameDay = before?.day === day;
      const follows = sameDay && !isNew && before.sender === item.dataset.sender && at - before.at < SAME_BREATH_MS;
      if (!sameDay) (isNew ? item.previousElementSibling : item).before(this.separator(at, day));
      item.classList.toggle("msg--next", follows);
      this.showMeta(item, true);
      if (follows) this.showMeta(before.item, false);
      before = { item, at, day, sender: item.dataset.sender };
    }
    this.markAll();
    this.thread.querySelector("[data-empty]").hidden = items.length > 0;
  }

  showMeta(item, shown) {
    const kept = "edited" in item.dataset || ["waiting", "failed"].includes(item.dataset.status);
    item.querySelector("[data-meta]").hidden = !shown && !kept;
  }

  separator(at, day) {
    const today = new Date();
    const yesterday = new Date(today.getTime() - 24 * 60 * 60 * 1000);
    const near = { [this.dayKey.format(yesterday)]: this.words.yesterday, [this.dayKey.format(today)]: this.words.today };
    const format = day.slice(0, 4) === this.dayKey.format(today).slice(0, 4) ? this.longDay : this.farDay;
    const line = element("li", "chat__day", near[day] ?? format.format(at));
    line.dataset.day = "";
    return line;
  }

  /** The line above the first message that has not been read. */
  divideBefore(item) {
    this.undivide();
    const line = element("li", "chat__day chat__day--new", this.words.new);
    line.dataset.new = "";
    item.before(line);
  }

  undivide() {
    this.list.querySelector("[data-new]")?.remove();
  }

  // Scrolling

  get isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  /** Whoever reads the newest message goes on seeing it when the form below grows or the keyboard opens. */
  holdEnd() {
    let atEnd = true;
    this.log.addEventListener("scroll", () => { atEnd = this.isAtEnd; }, { passive: true });
    new ResizeObserver(() => atEnd && this.toEnd()).observe(this.log);
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Change something above what is being read without moving it. */
  keepPlace(change) {
    const fromEnd = this.log.scrollHeight - this.log.scrollTop;
    change();
    this.log.scrollTop = this.log.scrollHeight - fromEnd;
  }
}
