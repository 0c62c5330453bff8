/** Whom to consult, or to give the call to: an agent, a group, or a number that is typed. Agents are looked up as one types. */

import { byId, button, el, icon, setText } from "./dom.js";
import { placeLabel, problemLabel, stateLabel } from "./labels.js";
import { say } from "./words.js";

const PAUSE_MS = 200;
const NUMBER = /^[0-9+*#]{1,40}$/;
/** How people write numbers, besides the digits. */
const BETWEEN = /[\s().\/-]/g;
const OTHER_PLACES = /^(entry|voicemail):.+$/;

/** Agents in these states can be waited for. */
const THERE = new Set(["ready", "ringing", "talking", "wrap-up"]);

/** @typedef {{to: string, label: string, state: string, can: boolean}} Option */

/** What is typed, as a number to call; empty if it is none. @param {string} text */
export function numberOf(text) {
  const number = text.replace(BETWEEN, "");
  return NUMBER.test(number) ? number : "";
}

export class Chooser {
  /** What is to be done with the choice: the type of the request. */
  #purpose = "";
  /** @type {?HTMLElement} */ #opener = null;
  /** @type {?ReturnType<typeof setTimeout>} */ #timer = null;
  /** The newest question; an older one's answer comes too late. */
  #asked = 0;
  /** @type {any} */ #found = null;

  /**
   * @param {import("./state.js").State} state
   * @param {import("./agent.js").Ask} ask
   */
  constructor(state, ask) {
    this.state = state;
    this.ask = ask;
    /** @type {HTMLDialogElement} */
    this.dialog = byId("choose");
    this.title = el("h2");
    this.title.id = "choose-title";
    this.input = el("input");
    // No search field of the browser: its Escape only empties it, and here it goes back.
    Object.assign(this.input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 64 });
    this.input.setAttribute("role", "searchbox");
    this.input.oninput = () => this.#typed();
    this.list = el("div", "choices");
    this.hint = el("p", "hint");
    this.problem = el("p", "problem");
    this.problem.setAttribute("role", "alert");
    this.cancel = button("quiet", "", () => this.dialog.close());
    const keys = el("p", "unseen");
    keys.id = "choose-keys";
    this.keys = keys;
    this.input.setAttribute("aria-describedby", "choose-keys");
    const body = el("div", "choose-body", this.title, this.input, keys, this.list, this.hint, this.problem, this.cancel);
    this.dialog.replaceChildren(body);
    this.dialog.onclose = () => this.#closed();
    this.dialog.onclick = (event) => event.target === this.dialog && this.dialog.close();
    this.dialog.onkeydown = (event) => this.#walk(event);
  }

  /** @param {string} purpose @param {HTMLElement} opener */
  open(purpose, opener) {
    [this.#purpose, this.#opener, this.#found] = [purpose, opener, null];
    this.input.value = "";
    setText(this.problem, "");
    this.relabel();
    this.dialog.showModal();
    this.input.focus();
    void this.#look();
  }

  /** The talk has changed: what was to be chosen for may not be there any more. @param {string[]} possible */
  keep(possible) {
    if (this.dialog.open && !possible.includes(this.#purpose)) this.dialog.close();
  }

  #closed() {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked++;
    const opener = this.#opener;
    this.#opener = null;
    if (opener?.isConnected) opener.focus();
  }

  relabel() {
    if (this.#purpose) setText(this.title, say(`choose.${this.#purpose}`));
    this.input.placeholder = say("choose.search");
    this.input.setAttribute("aria-label", say("choose.search"));
    setText(this.cancel, say("choose.cancel"));
    setText(this.keys, say("choose.keys"));
    this.#draw();
  }

  #typed() {
    setText(this.problem, "");
    this.#draw();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), PAUSE_MS);
  }

  async #look() {
    const question = ++this.#asked;
    const answer = await this.ask("directory", { search: this.input.value.trim() });
    if (question !== this.#asked) return;
    if (answer.ok) this.#found = answer.result;
    else setText(this.problem, problemLabel(answer.error));
    this.#draw();
  }

  /** @returns {Option[]} what was typed, if it is a place itself */
  #typedPlaces() {
    const text = this.input.value.trim();
    const number = numberOf(text);
    const places = number ? [{ to: `number:${number}`, label: say("choose.number", { number }), state: "", can: true }] : [];
    const isOther = this.#purpose === "transfer" && OTHER_PLACES.test(text);
    return isOther ? [...places, { to: text, label: placeLabel(text, ""), state: "", can: true }] : places;
  }

  /** @returns {Option[]} */
  #agents() {
    return (this.#found?.agents ?? []).map((/** @type {any} */ each) => ({
      to: `agent:${each.id}`,
      label: placeLabel(`agent:${each.id}`, each.name),
      state: each.state,
      can: this.#purpose === "consult" ? each.state === "ready" : THERE.has(each.state),
    }));
  }

  /** @returns {Option[]} */
  #groups() {
    return (this.#found?.groups ?? []).map((/** @type {any} */ each) => ({
      to: `group:${each.id}`,
      label: placeLabel(`group:${each.id}`, each.name),
      state: "",
      can: true,
    }));
  }

  #draw() {
    const parts = [["", this.#typedPlaces()], ["choose.agents", this.#agents()], ["choose.groups", this.#groups()]];
    const had = this.list.contains(document.activeElement) ? document.activeElement?.getAttribute("data-to") : null;
    const shown = parts.filter(([, options]) => options.length);
    this.list.replaceChildren(...shown.flatMap(([title, options]) => this.#part(String(title), /** @type {Option[]} */ (options))));
    if (had) (this.list.querySelector(`[data-to="${CSS.escape(had)}"]`) ?? this.input).focus();
    setText(this.hint, this.#hint(shown.length > 0));
  }

  /** @param {boolean} some */
  #hint(some) {
    if (!this.#found) return say("choose.asked");
    if (this.#found.left_out) return say("choose.more", { count: this.#found.left_out });
    return some ? "" : say("choose.none");
  }

  /** @param {string} title @param {Option[]} options */
  #part(title, options) {
    const head = title ? [el("h3", "hint", say(title))] : [];
    return [...head, ...options.map((option) => this.#option(option))];
  }

  /** @param {Option} option */
  #option({ to, label, state, can }) {
    const made = button("choice", "", () => void this.#choose(to));
    made.append(el("span", "choice-name", label));
    if (state) {
      made.append(el("span", "choice-state", icon(state), stateLabel(state)));
      made.dataset.state = state;
    }
    made.dataset.to = to;
    made.disabled = !can;
    return made;
  }

  /** @param {string} to */
  async #choose(to) {
    setText(this.problem, "");
    this.dialog.setAttribute("aria-busy", "true");
    const answer = await this.ask(this.#purpose, { to });
    this.dialog.removeAttribute("aria-busy");
    if (answer.ok) this.dialog.close();
    else setText(this.problem, problemLabel(answer.error));
  }

  /** From what is typed down into the choices and back; Enter takes the first. @param {KeyboardEvent} event */
  #walk(event) {
    const choices = [.../** @type {NodeListOf<HTMLButtonElement>} */ (this.list.querySelectorAll("button:enabled"))];
    const here = choices.indexOf(/** @type {any} */ (document.activeElement));
    const inInput = document.activeElement === this.input;
    if (event.key === "Enter" && inInput && choices.length) return take(event, () => choices[0].click());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || (here < 0 && !inInput)) return;
    take(event, () => (choices[here + step] ?? (step < 0 ? this.input : choices[here]))?.focus());
  }
}

/** @param {KeyboardEvent} event @param {() => void} act */
function take(event, act) {
  event.preventDefault();
  act();
}
