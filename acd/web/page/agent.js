/** The agent's panel: my state, what I can do now, the call that rings or talks, my last calls. */

import { speak } from "./banners.js";
import { duration, serverNow, timeOfDay } from "./clock.js";
import { Rows, byId, button, el, icon, setAttribute, setIcon, setText } from "./dom.js";
import { Chooser } from "./choose.js";
import { DialForm } from "./dial.js";
import { callerLabel, groupLabel, problemLabel, reasonLabel, stateLabel, whyLabel } from "./labels.js";
import { TalkPanel } from "./talk.js";
import { say, sayOr } from "./words.js";

/**
 * @typedef {(type: string, fields?: Record<string, any>) => Promise<import("./connection.js").Answer>} Ask
 * @typedef {{agent: import("./state.js").Agent, call: import("./state.js").Call | undefined}} Mine
 */

export class AgentPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {Ask} ask
   */
  constructor(state, ask) {
    this.state = state;
    this.mine = new MyState();
    this.call = new CallCard(state);
    this.chooser = new Chooser(state, ask);
    this.talk = new TalkPanel(state, ask, this.chooser);
    this.dial = new DialForm(state, ask);
    this.buttons = new Buttons(state, ask);
    this.history = new Rows(el("ol", "history"), () => new PastRow());
    this.relabel();
  }

  draw() {
    const agent = this.state.agents.get(this.state.user);
    if (!agent) return;
    const mine = { agent, call: this.state.calls.get(agent.call ?? "") };
    this.mine.draw(agent);
    this.call.draw(mine);
    this.talk.draw(mine);
    this.buttons.draw(mine);
    this.dial.draw(agent);
    this.history.show(this.state.history.map((past) => [past.key, past]));
    this.none.hidden = this.state.history.length > 0;
    const ringing = agent.state === "ringing" && mine.call;
    document.title = `${ringing ? callerLabel(agent.caller) : stateLabel(agent.state)} – ${say("title")}`;
    this.tick(serverNow());
  }

  /** @param {number} now */
  tick(now) {
    this.mine.tick(now);
    this.call.tick(now);
    this.talk.tick(now);
  }

  relabel() {
    this.history.clear();
    this.none = el("p", "hint", say("panel.history.none"));
    const past = el("section", "panel past", el("h2", "", say("panel.history")), this.none, this.history.parent);
    for (const part of [this.chooser, this.talk, this.dial, this.buttons]) part.relabel();
    const desk = el("div", "desk", this.mine.node, this.call.node, this.buttons.node);
    byId("panel").replaceChildren(desk, el("div", "side", this.talk.node, this.dial.node, past));
    this.draw();
  }
}

class MyState {
  #since = 0;

  constructor() {
    this.sign = icon("logged-out");
    this.word = el("span", "my-word");
    this.detail = el("span", "my-detail");
    this.timer = el("span", "my-time");
    this.pending = el("p", "my-pending");
    const line = el("div", "my-line", this.sign, el("div", "my-words", this.word, this.detail), this.timer);
    this.node = el("section", "panel my-state", line, this.pending);
  }

  /** @param {import("./state.js").Agent} agent */
  draw(agent) {
    this.#since = agent.since;
    setAttribute(this.node, "data-state", agent.state);
    setIcon(this.sign, agent.state);
    setText(this.word, stateLabel(agent.state));
    const reason = agent.reason ? reasonLabel(agent.reason) : "";
    const forced = agent.by ? say("agent.forcedBy", { by: agent.by }) : "";
    setText(this.detail, agent.reason === "forced" && forced ? forced : [reason, forced].filter(Boolean).join(" · "));
    setText(this.pending, agent.pending ? pendingText(agent.pending) : "");
  }

  /** @param {number} now */
  tick(now) {
    setText(this.timer, this.#since ? duration(now - this.#since) : "");
  }
}

/** @param {import("./state.js").Pending} pending */
function pendingText({ state, reason, by }) {
  const named = reason && reason !== "forced" ? `${stateLabel(state)} (${reasonLabel(reason)})` : stateLabel(state);
  return say(by ? "panel.pending.forced" : "panel.pending", { state: named, by });
}

class CallCard {
  /** @type {?Mine} */ #mine = null;
  #spokenOf = "";

  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.head = el("p", "card-head");
    this.number = el("p", "card-number");
    this.name = el("p", "card-name");
    this.facts = el("dl", "card-facts");
    this.meter = el("div", "meter-fill");
    this.left = el("p", "card-left");
    this.ring = el("div", "ring", el("div", "meter", this.meter), this.left);
    this.node = el("section", "panel call-card", this.head, this.number, this.name, this.facts, this.ring);
  }

  /** @param {Mine} mine */
  draw(mine) {
    this.#mine = mine;
    const { agent, call } = mine;
    const busy = agent.caller !== null;
    setAttribute(this.node, "data-state", busy ? agent.state : "idle");
    setText(this.head, this.#heading(agent, call));
    setText(this.number, busy ? callerLabel(agent.caller) : "");
    setText(this.name, agent.caller?.number ? agent.caller.name : "");
    this.ring.hidden = agent.state !== "ringing" || !call?.rings_until;
    this.facts.replaceChildren(...(call && busy ? this.#facts(call) : []));
    this.#speak(agent);
  }

  /** @param {import("./state.js").Agent} agent @param {import("./state.js").Call | undefined} call */
  #heading(agent, call) {
    const special = call ? SPECIAL[`${call.kind} ${agent.state}`] : undefined;
    if (special && (call?.kind === "consult" || call?.number)) return say(special);
    if (agent.state === "ringing") return say("panel.ringing");
    if (agent.state === "talking") return say("panel.talking");
    if (agent.state === "wrap-up") return agent.caller ? say("panel.wrapUp") : stateLabel(agent.state);
    return sayOr(`panel.idle.${agent.state}.${agent.reason}`, sayOr(`panel.idle.${agent.state}`, ""));
  }

  /** @param {import("./state.js").Call} call */
  #facts(call) {
    this.waited = el("dd");
    const waited = [el("div", "", el("dt", "", say("panel.waited")), this.waited)];
    const group = el("div", "", el("dt", "", say("panel.group")), el("dd", "", groupLabel(this.state, call.group)));
    if (call.kind === "outgoing") return [group];
    if (call.about) {
      const { caller_number: number, caller_name: name } = call.about;
      const about = [number, name].filter(Boolean).join(" ") || say("caller.unknown");
      return [el("div", "", el("dt", "", say("panel.about")), el("dd", "", about)), group];
    }
    const entry = el("div", "", el("dt", "", say("panel.entry")), el("dd", "", call.entry));
    return call.entry ? [group, entry, ...waited] : [group, ...waited];
  }

  /** Once a call. @param {import("./state.js").Agent} agent */
  #speak(agent) {
    if (agent.state !== "ringing" || !agent.call || agent.call === this.#spokenOf) return;
    this.#spokenOf = agent.call;
    speak(`${this.head.textContent}: ${callerLabel(agent.caller)}`);
  }

  /** @param {number} now */
  tick(now) {
    const call = this.#mine?.call;
    if (!call) return;
    if (this.waited) setText(this.waited, duration((call.talking_since ?? now) - call.waiting_since));
    if (!call.rings_until || !call.ring_ms) return;
    const left = Math.max(0, call.rings_until - now);
    setText(this.left, say("panel.ring.left", { seconds: Math.ceil(left / 1000) }));
    this.meter.style.width = `${(100 * left) / call.ring_ms}%`;
  }
}

/** What stands over a call that isn't a caller's. @type {Record<string, string>} */
const SPECIAL = {
  "consult ringing": "panel.consulted",
  "consult talking": "panel.consulted.talk",
  "outgoing ringing": "panel.dialling.ring",
  "outgoing talking": "panel.dialling",
};

/** What releasing means now (docs/call-control.md). @param {import("./state.js").Agent} agent @param {import("./state.js").Call | undefined} call */
function releaseLabel(agent, call) {
  if (call?.number) return say("panel.release.dialling");
  if (agent.state === "ringing") return say("panel.reject");
  if (call?.kind === "consult") return say("panel.release.consulted");
  if (call?.stage === "conference") return say("panel.release.conference");
  return say(call?.stage === "consulting" ? "panel.release.consulting" : "panel.release");
}

class Buttons {
  #drawnFor = "";

  /**
   * @param {import("./state.js").State} state
   * @param {Ask} ask
   */
  constructor(state, ask) {
    this.state = state;
    this.ask = ask;
    this.problem = el("p", "problem");
    this.problem.setAttribute("role", "alert");
    this.row = el("div", "big-buttons");
    this.reasons = el("fieldset", "reasons");
    this.out = el("div", "out");
    this.node = el("section", "panel buttons", this.row, this.reasons, this.problem, this.out);
  }

  relabel() {
    this.#drawnFor = "";
    setText(this.problem, "");
  }

  /**
   * Buttons are made anew only when others are needed (another state, other reasons), so that none moves away from under the mouse or loses focus.
   * @param {Mine} mine
   */
  draw({ agent, call }) {
    this.#mark(agent);
    const release = releaseLabel(agent, call);
    const drawn = [agent.state, release, ...this.state.reasons].join("|");
    if (drawn === this.#drawnFor) return;
    this.#drawnFor = drawn;
    setText(this.problem, "");
    const inCall = agent.state === "ringing" || agent.state === "talking";
    const focused = this.node.contains(document.activeElement) ? document.activeElement?.getAttribute("data-does") : null;
    this.row.replaceChildren(...this.#big(agent.state, release));
    this.reasons.replaceChildren(el("legend", "", say(inCall ? "panel.notReady.later" : "panel.notReady")), ...this.#reasons());
    const label = say(inCall ? "panel.logOut.later" : "panel.logOut");
    this.out.replaceChildren(this.#button("quiet", label, "log_out"));
    this.#mark(agent);
    if (focused) /** @type {?HTMLElement} */ (this.node.querySelector(`[data-does="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {string} state @param {string} release */
  #big(state, release) {
    const ready = { "wrap-up": ".wrapUp", "ringing": ".later", "talking": ".later" }[state] ?? "";
    const made = [this.#button("big go-ready", say(`panel.goReady${ready}`), "ready")];
    if (state === "talking" || state === "ringing") made.push(this.#button("big danger", release, "release"));
    return made;
  }

  #reasons() {
    return this.state.reasons.map((reason) => this.#button("reason", reasonLabel(reason), "not_ready", { reason }));
  }

  /**
   * @param {string} className
   * @param {string} label
   * @param {string} type
   * @param {Record<string, any>} [fields]
   */
  #button(className, label, type, fields = {}) {
    const made = button(className, label, () => void this.#do(type, fields));
    made.dataset.does = [type, ...Object.values(fields)].join(" ");
    return made;
  }

  /** Show which button's wish is in force, or will be after the call. @param {import("./state.js").Agent} agent */
  #mark(agent) {
    const wish = agent.pending ?? agent;
    for (const each of this.node.querySelectorAll("[data-does]")) {
      const does = /** @type {HTMLElement} */ (each).dataset.does ?? "";
      const chosen =
        (does === "ready" && wish.state === "ready") ||
        (does === `not_ready ${wish.reason}` && wish.state === "not-ready") ||
        (does === "log_out" && wish.state === "logged-out");
      setAttribute(each, "aria-pressed", does === "release" ? null : String(chosen));
    }
    const ready = /** @type {?HTMLButtonElement} */ (this.node.querySelector('[data-does="ready"]'));
    if (ready) ready.disabled = agent.state === "ready";
  }

  /**
   * @param {string} type
   * @param {Record<string, any>} fields
   */
  async #do(type, fields) {
    setText(this.problem, "");
    this.node.setAttribute("aria-busy", "true");
    const answer = await this.ask(type, fields);
    this.node.removeAttribute("aria-busy");
    if (!answer.ok) setText(this.problem, problemLabel(answer.error));
  }
}

class PastRow {
  constructor() {
    this.node = el("li", "past-call");
  }

  /** @param {import("./state.js").PastCall} past */
  update(past) {
    const kind = past.kind === "incoming" ? "" : say(`kind.${past.kind}`);
    const why = past.why ? ` (${whyLabel(past.why)})` : "";
    this.node.replaceChildren(
      el("time", "", timeOfDay(past.at)),
      el("span", "caller", callerLabel(past.caller)),
      el("span", "past-name", [kind, past.caller.number ? past.caller.name : ""].filter(Boolean).join(" · ")),
      el("span", "past-talk", past.talked_ms ? duration(past.talked_ms) : ""),
      el("span", "hint", sayOr(`outcome.${past.outcome}`, past.outcome) + why),
    );
  }
}
