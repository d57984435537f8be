// The page's one socket. It opens itself again after every loss; what was missed is asked for by whoever needs it.
const PING_MS = 25000;
const SILENCE_MS = 10000; // after a ping
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20000;
const BLOCKED_AFTER = 3; // attempts that never opened
const SIGNED_OUT = 4401;
const REFUSED = 4403;
const FLOODING = 4429;

const address = () => `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;

class LiveSocket {
  #listeners = new Map();
  #socket = null;
  #failures = 0;
  #retry = 0;
  #ping = 0;
  #silence = 0;
  /** "connecting", "open", "waiting" (to try again), "signed-out" or "refused" */
  state = "connecting";

  start() {
    if (this.#socket || this.#retry) return;
    this.#connect();
    addEventListener("online", () => this.#now());
    addEventListener("offline", () => this.#lost());
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#now());
  }

  /** Call `act(frame)` for frames of a type; "state" tells of changes of `state`. */
  on(type, act) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), act]);
  }

  /** Whether the frame could be sent. */
  send(frame) {
    if (this.state !== "open") return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Sockets do not come through here (a proxy refuses them, say): use the plain API instead. */
  get isBlocked() {
    return this.#failures >= BLOCKED_AFTER && navigator.onLine;
  }

  #tell(type, frame) {
    for (const act of this.#listeners.get(type) ?? []) act(frame);
  }

  #enter(state) {
    this.state = state;
    this.#tell("state", state);
  }

  #connect() {
    this.#retry = 0;
    this.#enter("connecting");
    const socket = new WebSocket(address());
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    });
  }

  #receive(frame) {
    clearTimeout(this.#silence);
    if (frame.type === "connected") {
      this.#failures = 0;
      this.#enter("open");
      this.#ping = setInterval(() => this.#beat(), PING_MS);
    }
    this.#tell(frame.type, frame);
  }

  #beat() {
    this.send({ type: "ping" });
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #drop() {
    clearInterval(this.#ping);
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#retry = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #lost(code) {
    this.#drop();
    // A socket that was open may belong to a session whose cookie has been renewed since: the next attempt will tell.
    const wasOpen = this.state === "open";
    if (code === SIGNED_OUT && !wasOpen) return this.#enter("signed-out");
    if (code === REFUSED) return this.#enter("refused");
    this.#failures += 1;
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    const wait = code === FLOODING ? LONGEST_WAIT_MS : longest;
    // Spread out: after a restart of the server everybody comes back.
    if (navigator.onLine) this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2));
    this.#enter("waiting");
  }

  #now() {
    if (this.state !== "waiting") return;
    this.#drop();
    this.#connect();
  }

  #leave() {
    this.#drop();
    this.state = "waiting";
  }
}

export const socket = new LiveSocket();
