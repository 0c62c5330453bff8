/** Calling a number: for an agent who has no call. */

import { numberOf } from "./choose.js";
import { button, el, setText } from "./dom.js";
import { groupLabel, problemLabel, whyLabel } from "./labels.js";
import { say } from "./words.js";

const MAY_DIAL = new Set(["ready", "not-ready", "wrap-up"]);

export class DialForm {
  #drawnFor = "";

  /**
   * @param {import("./state.js").State} state
   * @param {import("./agent.js").Ask} ask
   */
  constructor(state, ask) {
    this.state = state;
    this.ask = ask;
    this.title = el("h2");
    this.numberLabel = el("label");
    this.number = el("input", "dial-number");
    Object.assign(this.number, { id: "dial-number", type: "tel", autocomplete: "off", maxLength: 60 });
    this.groupLabel = el("label");
    this.group = el("select");
    this.group.id = "dial-group";
    [this.numberLabel.htmlFor, this.groupLabel.htmlFor] = ["dial-number", "dial-group"];
    this.submit = button("primary", "", () => {});
    this.submit.type = "submit";
    this.problem = el("p", "problem");
    this.problem.setAttribute("role", "alert");
    const fields = [el("div", "field", this.numberLabel, this.number), el("div", "field", this.groupLabel, this.group)];
    this.form = el("form", "dial", ...fields, this.submit);
    this.form.onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#dial();
    };
    this.number.oninput = () => this.#check();
    this.node = el("section", "panel dial-panel", this.title, this.form, this.problem);
  }

  relabel() {
    this.#drawnFor = "";
    setText(this.title, say("dial.title"));
    setText(this.numberLabel, say("dial.number"));
    setText(this.groupLabel, say("dial.group"));
    setText(this.submit, say("dial.do"));
    this.#check();
  }

  /** @param {import("./state.js").Agent} agent */
  draw(agent) {
    this.node.hidden = !MAY_DIAL.has(agent.state);
    const groups = [...this.state.groups.values()].filter((group) => !group.gone);
    const [newest] = this.state.history;
    const drawn = [agent.state, newest?.key, ...groups.map((group) => `${group.id} ${group.name}`)].join("|");
    if (drawn === this.#drawnFor) return;
    this.#drawnFor = drawn;
    const chosen = this.group.value;
    const own = new Option(say("dial.group.own"), "");
    this.group.replaceChildren(own, ...groups.map(({ id }) => new Option(groupLabel(this.state, id), id, false, id === chosen)));
    setText(this.problem, newest?.kind === "outgoing" ? failure(newest) : "");
  }

  #check() {
    this.submit.disabled = !numberOf(this.number.value);
  }

  async #dial() {
    const number = numberOf(this.number.value);
    if (!number) return;
    setText(this.problem, "");
    this.submit.disabled = true;
    const answer = await this.ask("dial", { number, group: this.group.value || null });
    if (answer.ok) this.number.value = "";
    else setText(this.problem, problemLabel(answer.error));
    this.#check();
  }
}

/** Why the last call that was made reached nobody. @param {import("./state.js").PastCall} call */
function failure({ outcome, why, caller }) {
  if (outcome === "not-reached") return say("dial.failed", { number: caller.number, why: whyLabel(why) });
  return outcome === "unanswered" || outcome === "failed" || outcome === "rejected" ? say("dial.failed.own") : "";
}
