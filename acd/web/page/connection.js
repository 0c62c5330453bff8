/**
 * The agent protocol's client: one WebSocket at a time, log-in, answers to requests, and coming back by itself.
 *
 * The password is kept in this object's memory and nowhere else. Coming back needs it, a reload does not get it:
 * what lies in the browser's storage is read by whoever sits down at this computer next, and the browser's own
 * password manager does the same service better.
 *
 * @typedef {{code: string, message: string}} Problem
 * @typedef {{phase: "idle" | "connecting" | "live" | "lost" | "ended", since: number, nextTry: ?number,
 *            problem: ?Problem}} Status  times are this computer's, ms
 * @typedef {{ok: boolean, error: ?Problem, result?: any}} Answer
 * @typedef {{onEvent: (event: any) => void, onStatus: (status: Status) => void}} Listener
 */

export const VERSION = 1;
export const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000];
const REPLY_MS_MAX = 10_000;
const CONNECT_MS_MAX = 10_000;
/** A connection can die without a word. After this long a silence we ask for a sign of life. */
const SILENCE_MS_MAX = 10_000;
const SIGN_OF_LIFE_MS_MAX = 5_000;

/** Goodbyes after which coming back would be against somebody's will; after any other we come back. */
const FINAL_GOODBYES = new Set(["taken-over", "logged-out", "removed"]);

export class Connection {
  /** @type {?WebSocket} */ #socket = null;
  /** @type {?{user: string, password: string}} */ #who = null;
  /** @type {Map<number, (answer: Answer) => void>} */ #asked = new Map();
  #lastId = 0;
  #lastSeq = 0;
  #failures = 0;
  #wasLive = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #silence;
  /** @type {Status} */ status = { phase: "idle", since: Date.now(), nextTry: null, problem: null };

  /**
   * @param {string} url
   * @param {Listener} listener
   */
  constructor(url, listener) {
    this.url = url;
    this.listener = listener;
  }

  /**
   * Log in, and stay logged in until `leave`, a refusal, or another page takes over.
   * @param {string} user
   * @param {string} password
   * @param {boolean} [takeOver] whether to end another connection of this user
   */
  logIn(user, password, takeOver = false) {
    this.#drop();
    this.#who = { user, password };
    this.#wasLive = takeOver;
    this.#failures = 0;
    this.status = { phase: "idle", since: Date.now(), nextTry: null, problem: null };
    this.#connect();
  }

  /** Log in again as before, ending another page's session of this user. */
  resume() {
    if (this.#who) this.logIn(this.#who.user, this.#who.password, true);
  }

  /** Don't wait for the end of the pause. */
  tryNow() {
    if (this.status.phase === "lost") this.#connect();
  }

  /** End the connection for good and forget the password. */
  leave() {
    this.#drop();
    this.#who = null;
    this.#tell("idle");
  }

  /**
   * @param {string} type
   * @param {Record<string, any>} [fields]
   * @param {number} [within] how long to wait for the answer, ms
   * @returns {Promise<Answer>} always fulfilled; a lost connection is an answer as well
   */
  request(type, fields = {}, within = REPLY_MS_MAX) {
    if (this.status.phase !== "live") return Promise.resolve(failed("connection-lost"));
    return this.#ask(type, fields, within);
  }

  /**
   * @param {string} type
   * @param {Record<string, any>} fields
   * @param {number} [within]
   * @returns {Promise<Answer>}
   */
  #ask(type, fields, within = REPLY_MS_MAX) {
    const id = ++this.#lastId;
    this.#socket?.send(JSON.stringify({ type, id, ...fields }));
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(id, failed("no-reply")), within);
      this.#asked.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  /** @param {number} id @param {Answer} answer */
  #answered(id, answer) {
    const resolve = this.#asked.get(id);
    this.#asked.delete(id);
    resolve?.(answer);
  }

  #connect() {
    this.#drop();
    const socket = (this.#socket = new WebSocket(this.url));
    this.#lastSeq = 0;
    if (this.status.phase === "lost") this.#tell("lost", { since: this.status.since });
    else this.#tell("connecting");
    // A server that doesn't answer at all must not keep us waiting as long as the browser would.
    this.#timer = setTimeout(() => this.#lose(), CONNECT_MS_MAX);
    socket.onopen = () => void this.#greet(socket);
    socket.onmessage = (message) => this.#receive(socket, message.data);
    socket.onclose = () => socket === this.#socket && this.#lose();
  }

  /** @param {WebSocket} socket */
  async #greet(socket) {
    clearTimeout(this.#timer);
    const answer = await this.#ask("log_in", { version: VERSION, ...this.#who, take_over: this.#wasLive });
    if (socket !== this.#socket || answer.ok) return;
    if (answer.error && lasting(answer.error.code)) this.#end(answer.error);
    else this.#lose();
  }

  /**
   * @param {WebSocket} socket
   * @param {string} text
   */
  #receive(socket, text) {
    if (socket !== this.#socket) return;
    this.#listenForSilence();
    const message = JSON.parse(text);
    if (message.type === "answer") this.#answered(message.id, message);
    else if (message.type === "hello") this.#checkVersion(message.version);
    else this.#hear(message);
  }

  #listenForSilence() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => void this.#askForLife(), SILENCE_MS_MAX);
  }

  /** Any answer will do: what counts is that somebody is there. Each sign starts the watch anew. */
  async #askForLife() {
    if (this.status.phase !== "live") return;
    this.#silence = setTimeout(() => this.#lose(), SIGN_OF_LIFE_MS_MAX);
    await this.#ask("ping", {});
  }

  /** @param {number} version */
  #checkVersion(version) {
    if (version !== VERSION) this.#end({ code: "wrong-version", message: `the server speaks version ${version}` });
  }

  /** @param {any} event */
  #hear(event) {
    // A gap means that something was not heard: only a fresh snapshot makes the page true again.
    if (event.seq !== this.#lastSeq + 1) return this.#lose();
    this.#lastSeq = event.seq;
    if (event.type === "goodbye") return FINAL_GOODBYES.has(event.code) ? this.#end(event) : this.#lose();
    if (event.type === "snapshot" && this.status.phase !== "live") this.#live();
    this.listener.onEvent(event);
  }

  #live() {
    this.#wasLive = true;
    this.#failures = 0;
    this.#tell("live");
  }

  /** The connection is gone against our will: come back, at first at once, then with growing pauses. */
  #lose() {
    const since = this.status.phase === "lost" ? this.status.since : Date.now();
    this.#drop();
    const pause = PAUSES_MS[Math.min(this.#failures++, PAUSES_MS.length - 1)] * (0.75 + Math.random() / 2);
    // Many pages lose a server together; the random part keeps them from coming back together.
    this.#timer = setTimeout(() => this.#connect(), pause);
    this.#tell("lost", { since, nextTry: Date.now() + pause });
  }

  /** @param {Problem} problem */
  #end(problem) {
    this.#drop();
    this.#tell("ended", { problem });
  }

  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const id of [...this.#asked.keys()]) this.#answered(id, failed("connection-lost"));
  }

  /**
   * @param {Status["phase"]} phase
   * @param {Partial<Status>} [more]
   */
  #tell(phase, more = {}) {
    this.status = { phase, since: Date.now(), nextTry: null, problem: null, ...more };
    this.listener.onStatus(this.status);
  }
}

/** Whether asking the user is the only way on: time mends the server's silence, but not its refusal. @param {string} code */
function lasting(code) {
  return code !== "connection-lost" && code !== "no-reply";
}

/** @param {string} code @returns {Answer} */
function failed(code) {
  return { ok: false, error: { code, message: "" } };
}
