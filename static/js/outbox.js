// Messages that have not been acknowledged yet. Kept by the browser, so that they outlive a reload and a dead network.
const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
};

export class Outbox {
  constructor(user, chat) {
    this.key = `outbox-${user}-${chat}`;
  }

  /** Oldest first: {client_id, content, attachments, reply_to, created_at, refused?}. */
  get all() {
    return read(this.key);
  }

  get waiting() {
    return this.all.filter(({ refused }) => !refused);
  }

  add(message) {
    this.#write([...this.all, message]);
  }

  remove(clientId) {
    this.#write(this.all.filter((message) => message.client_id !== clientId));
  }

  /** Remember why the server will not take it; null tries again. */
  refuse(clientId, why) {
    this.#write(this.all.map((message) => (message.client_id === clientId ? { ...message, refused: why } : message)));
  }

  has(clientId) {
    return this.all.some((message) => message.client_id === clientId);
  }

  #write(messages) {
    if (messages.length) localStorage.setItem(this.key, JSON.stringify(messages));
    else localStorage.removeItem(this.key);
  }
}
