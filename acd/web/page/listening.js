/** The supervisor's own phone in an agent's talk: in whose, how, and the buttons to change or end that. Always in sight. */

import { speak } from "./banners.js";
import { button, byId, el, icon, setText } from "./dom.js";
import { agentLabel, problemLabel } from "./labels.js";
import { say } from "./words.js";

export const MODES = ["listen", "whisper", "barge"];

export class Listening {
  #drawnFor = "";

  /**
   * @param {import("./state.js").State} state
   * @param {(type: string, fields?: Record<string, any>) => Promise<import("./connection.js").Answer>} ask
   */
  constructor(state, ask) {
    this.state = state;
    this.ask = ask;
    this.node = byId("listening");
    this.problem = el("span", "problem");
    this.problem.setAttribute("role", "alert");
  }

  relabel() {
    this.#drawnFor = "";
    this.node.setAttribute("aria-label", say("monitor.title"));
  }

  draw() {
    const mine = this.state.monitors.get(this.state.user);
    const drawn = mine ? [mine.monitor, mine.mode, mine.state].join(" ") : "";
    if (drawn === this.#drawnFor) return;
    this.#drawnFor = drawn;
    this.node.hidden = !mine;
    this.node.replaceChildren();
    setText(this.problem, "");
    if (!mine) return;
    const words = say(`monitor.${mine.state === "ringing" ? "ringing" : mine.mode}`, { agent: agentLabel(this.state, mine.agent) });
    this.node.append(icon("listening"), el("span", "listening-text", words), ...this.#buttons(mine), this.problem);
    speak(words);
  }

  /** @param {import("./state.js").Monitor} mine */
  #buttons(mine) {
    const taken = mine.mode === "intercept";
    const modes = taken ? [] : MODES.map((mode) => this.#mode(mine, mode));
    return [...modes, button("danger", say("monitor.end"), () => void this.#do("end_monitor", {}))];
  }

  /** @param {import("./state.js").Monitor} mine @param {string} mode */
  #mode(mine, mode) {
    const made = button("", say(`monitor.mode.${mode}`), () => void this.#do("monitor", { agent: mine.agent, mode }));
    made.setAttribute("aria-pressed", String(mine.mode === mode));
    return made;
  }

  /** @param {string} type @param {Record<string, any>} fields */
  async #do(type, fields) {
    setText(this.problem, "");
    const answer = await this.ask(type, fields);
    if (!answer.ok) setText(this.problem, problemLabel(answer.error));
  }
}
