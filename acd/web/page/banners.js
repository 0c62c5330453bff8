/** What must not be overlooked: a lost connection, another page that took over, a lost PBX. And what is spoken. */

import { duration, timeOfDay } from "./clock.js";
import { button, byId, el, icon, setText } from "./dom.js";
import { say } from "./words.js";

/**
 * Tell those who don't see the page.
 * @param {string} text
 */
export function speak(text) {
  byId("spoken").textContent = text;
}

/** The parts of a banner that change each second are kept out of what is read aloud. */
class Banner {
  /**
   * @param {string} id
   * @param {string} className
   */
  constructor(id, className) {
    this.text = el("span", "banner-text");
    this.aside = el("span", "banner-aside");
    this.aside.setAttribute("aria-live", "off");
    this.node = el("div", `banner ${className}`, icon("alert"), this.text, this.aside);
    this.node.id = id;
  }

  /** @param {boolean} wanted */
  show(wanted) {
    if (wanted === this.node.isConnected) return;
    if (wanted) byId("banners").append(this.node);
    else this.node.remove();
  }
}

export class Banners {
  /** @type {import("./connection.js").Status} */ #status;
  #wasLost = false;

  /**
   * @param {import("./state.js").State} state
   * @param {import("./connection.js").Connection} connection
   */
  constructor(state, connection) {
    this.state = state;
    this.#status = connection.status;
    this.lost = new Banner("banner-lost", "bad");
    this.again = button("", "", () => connection.tryNow());
    this.lost.node.append(this.again);
    this.takenOver = new Banner("banner-taken-over", "bad");
    this.resume = button("", "", () => connection.resume());
    this.takenOver.node.append(this.resume);
    this.pbx = new Banner("banner-pbx", "bad");
  }

  /** @param {import("./connection.js").Status} status */
  told(status) {
    if (status.phase === "live" && this.#wasLost) speak(say("connection.back"));
    this.#wasLost = status.phase === "lost" || (this.#wasLost && status.phase === "connecting");
    this.#status = status;
  }

  draw() {
    const { phase, since } = this.#status;
    const open = this.state.role !== "";
    this.lost.show(open && phase === "lost");
    this.takenOver.show(open && phase === "ended");
    if (phase === "ended") setText(this.takenOver.text, say("connection.takenOver", { time: timeOfDay(since) }));
    this.#drawPbx();
    this.tick();
  }

  #drawPbx() {
    const { why, since, lost } = this.state.pbx;
    const some = lost.map((each) => say("pbx.lost.one.banner", { ...each, time: timeOfDay(each.since) }));
    const text = why !== null ? say("pbx.lost.banner", { why, time: timeOfDay(since) }) : some.join(" ");
    this.pbx.show(this.state.role !== "" && text !== "");
    setText(this.pbx.text, text);
  }

  tick() {
    const { phase, since, nextTry } = this.#status;
    if (phase !== "lost") return;
    const now = Date.now();
    setText(this.lost.text, say("connection.lost", { time: timeOfDay(since) }));
    const seconds = nextTry === null ? 0 : Math.max(1, Math.ceil((nextTry - now) / 1000));
    const next = nextTry === null ? say("connection.trying") : say("connection.next", { seconds });
    setText(this.lost.aside, `${say("connection.ago", { ago: duration(now - since) })} ${next}`);
  }

  relabel() {
    setText(this.again, say("connection.try"));
    setText(this.resume, say("connection.resume"));
  }
}
