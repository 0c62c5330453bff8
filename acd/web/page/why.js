/** Why a call waits, or an agent has none: the server's explanation, in the page's language. */

import { button, byId, el } from "./dom.js";
import { problemLabel } from "./labels.js";
import { currentLanguage, say } from "./words.js";

/** The server may have to read a day's journal. */
const ANSWER_MS_MAX = 30_000;

/**
 * @typedef {{call: string} | {agent: string}} About
 * @typedef {(type: string, fields?: Record<string, any>, within?: number) => Promise<import("./connection.js").Answer>} Ask
 */

export class Why {
  #about = "";
  /** @type {?import("./connection.js").Answer} */ #answer = null;
  /** @type {?HTMLElement} */ #from = null;
  #asked = 0;

  /** @param {Ask} ask */
  constructor(ask) {
    this.ask = ask;
    /** @type {HTMLDialogElement} */
    this.dialog = byId("why");
    this.dialog.onclose = () => this.#closed();
    this.dialog.onclick = (event) => event.target === this.dialog && this.dialog.close();
  }

  /**
   * Ask, and show the answer when it comes, unless something else was asked meanwhile.
   * @param {About} about
   * @param {string} label
   * @param {?HTMLElement} from gets the focus back
   */
  async open(about, label, from) {
    const number = ++this.#asked;
    [this.#about, this.#answer, this.#from] = [label, null, from];
    this.#draw();
    if (!this.dialog.open) this.dialog.showModal();
    const answer = await this.ask("why", about, ANSWER_MS_MAX);
    if (number !== this.#asked || !this.dialog.open) return;
    this.#answer = answer;
    this.#draw();
  }

  #closed() {
    this.#asked += 1;
    if (this.#from?.isConnected) this.#from.focus();
    this.#from = null;
  }

  relabel() {
    if (this.dialog.open) this.#draw();
  }

  #draw() {
    const title = el("h2", "", say("why.title", { about: this.#about }));
    title.id = "why-title";
    const text = el("pre", "why-text scroll", this.#text());
    text.setAttribute("role", "status");
    const close = button("quiet", say("why.close"), () => this.dialog.close());
    this.dialog.replaceChildren(el("div", "why-body", title, text, close));
  }

  #text() {
    if (!this.#answer) return say("why.asked");
    if (!this.#answer.ok) return problemLabel(this.#answer.error);
    const { text } = this.#answer.result;
    return text[currentLanguage()] ?? text[currentLanguage().split("-")[0]] ?? Object.values(text)[0];
  }
}
