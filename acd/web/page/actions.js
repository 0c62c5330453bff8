/** What a supervisor may do to an agent: the choices beside the card, a question before a call is ended, the answer. */

import { speak } from "./banners.js";
import { button, byId, el, icon } from "./dom.js";
import { agentLabel, callerLabel, problemLabel, stateLabel } from "./labels.js";
import { MODES } from "./listening.js";
import { say } from "./words.js";

const NOTE_MS = 8_000;
const MARGIN_PX = 8;

/**
 * @typedef {{label: string, type: string, fields?: Record<string, any>, confirm?: string, values?: Record<string, string>,
 *            whose?: "mine"}} Choice  `whose`: it is about the supervisor's own phone, and names no agent
 * @typedef {{text: string, kind: "busy" | "problem"}} Note
 */

/**
 * What makes sense in the agent's present state. The server has the last word; its refusal is shown.
 * @param {import("./state.js").Agent} agent
 * @returns {Choice[]}
 */
export function choices(agent) {
  const { state } = agent;
  if (state === "logged-out") return [];
  const inCall = state === "ringing" || state === "talking";
  const later = inCall ? ".later" : "";
  /** @type {Choice[]} */
  const made = [];
  if (state === "not-ready" || state === "wrap-up") made.push({ label: "action.force_ready", type: "force_ready" });
  made.push({ label: `action.force_not_ready${later}`, type: "force_not_ready" });
  if (state === "ringing") made.push({ label: "action.force_release.ringing", type: "force_release" });
  if (state === "talking") {
    made.push({ label: "action.force_release", type: "force_release", confirm: "action.confirm.force_release" });
  }
  made.push({ label: `action.force_log_out${later}`, type: "force_log_out", fields: { release: false } });
  if (inCall) {
    const confirm = state === "talking" ? "action.confirm.force_log_out" : undefined;
    made.push({ label: "action.force_log_out.release", type: "force_log_out", fields: { release: true }, confirm });
  }
  return made;
}

/**
 * What the supervisor's own phone may do in this agent's talk, which has one phone each at a time.
 * @param {import("./state.js").Agent} agent
 * @param {import("./state.js").State} state
 * @returns {Choice[]}
 */
export function listening(agent, state) {
  const mine = state.monitors.get(state.user);
  const here = mine?.agent === agent.agent;
  const call = state.calls.get(agent.call ?? "");
  /** @type {Choice[]} */
  const made = [];
  if (agent.state === "talking" && (!mine || here) && mine?.mode !== "intercept") {
    const modes = MODES.filter((mode) => !here || mode !== mine?.mode);
    made.push(...modes.map((mode) => ({ label: `action.monitor.${mode}`, type: "monitor", fields: { mode } })));
    if (call && call.kind !== "consult" && !call.number && (call.stage === "connected" || call.stage === "held")) {
      const confirm = "action.confirm.intercept";
      made.push({ label: "action.monitor.intercept", type: "monitor", fields: { mode: "intercept" }, confirm });
    }
  }
  if (mine && (here || agent.state === "talking")) made.push(ending(mine, state));
  return made;
}

/** @param {import("./state.js").Monitor} mine @param {import("./state.js").State} state @returns {Choice} */
function ending(mine, state) {
  const values = { agent: agentLabel(state, mine.agent) };
  if (mine.mode !== "intercept") return { label: "action.end_monitor", type: "end_monitor", values, whose: "mine" };
  const confirm = "action.confirm.end_intercept";
  return { label: "action.end_monitor.intercept", type: "end_monitor", values, confirm, whose: "mine" };
}

export class Actions {
  #id = "";
  /** The state for which the choices were drawn; they are drawn anew when it changes. */
  #drawnFor = "";
  /** @type {?Choice} */ #asked = null;
  /** @type {?HTMLElement} */ #card = null;
  /** @type {Map<string, Note>} */ #notes = new Map();
  /** Called when the note beside an agent changes. */
  onNote = (/** @type {string} */ _id) => {};

  /**
   * @param {import("./state.js").State} state
   * @param {(type: string, fields?: Record<string, any>) => Promise<import("./connection.js").Answer>} ask
   * @param {import("./why.js").Why} why
   */
  constructor(state, ask, why) {
    this.state = state;
    this.ask = ask;
    this.why = why;
    /** @type {HTMLDialogElement} */
    this.dialog = byId("actions");
    this.dialog.onclose = () => this.#closed();
    // A click on the backdrop is a click on the dialog itself, outside of its content.
    this.dialog.onclick = (event) => event.target === this.dialog && this.dialog.close();
  }

  /** @param {string} id @returns {Note | undefined} what there is to say about the last request for this agent */
  noteOf(id) {
    return this.#notes.get(id);
  }

  /**
   * @param {string} id
   * @param {HTMLElement} card
   */
  open(id, card) {
    [this.#id, this.#card, this.#asked, this.#drawnFor] = [id, card, null, ""];
    this.draw();
    this.dialog.showModal();
    this.#place(card);
    this.dialog.querySelector("button")?.focus();
  }

  /** Beside the card, and inside the window. @param {HTMLElement} card */
  #place(card) {
    const [at, own] = [card.getBoundingClientRect(), this.dialog.getBoundingClientRect()];
    const left = Math.min(at.left, innerWidth - own.width - MARGIN_PX);
    const below = at.bottom + 4;
    const top = below + own.height + MARGIN_PX > innerHeight ? at.top - own.height - 4 : below;
    this.dialog.style.left = `${Math.max(MARGIN_PX, left)}px`;
    this.dialog.style.top = `${Math.max(MARGIN_PX, top)}px`;
  }

  #closed() {
    const card = this.#card;
    [this.#id, this.#card, this.#asked] = ["", null, null];
    if (card?.isConnected) card.focus();
  }

  relabel() {
    this.#drawnFor = "";
    this.draw();
  }

  /** Keep up with the agent while the choices are open. */
  draw() {
    const agent = this.state.agents.get(this.#id);
    if (!agent && this.#id) this.dialog.close(); // not in the configuration any more
    if (!agent) return;
    const mine = this.state.monitors.get(this.state.user);
    const stage = this.state.calls.get(agent.call ?? "")?.stage;
    const drawn = [this.#id, agent.state, agent.call, stage, mine?.agent, mine?.mode].join(" ");
    if (drawn === this.#drawnFor) return;
    // The call in question is over or another one: what was asked about isn't there any more.
    this.#asked = null;
    this.#drawnFor = drawn;
    this.#show(agent);
  }

  /** @param {import("./state.js").Agent} agent */
  #show(agent) {
    const had = this.dialog.contains(document.activeElement);
    const title = el("h2", "", agentLabel(this.state, agent.agent));
    title.id = "actions-title";
    const now = el("p", "hint actions-state", icon(agent.state), stateLabel(agent.state));
    const body = this.#asked ? this.#question(agent, this.#asked) : this.#offered(agent);
    this.dialog.replaceChildren(el("div", "actions-body", title, now, ...body));
    if (had) this.dialog.querySelector("button")?.focus();
  }

  /** @param {import("./state.js").Agent} agent */
  #offered(agent) {
    const made = [...listening(agent, this.state), ...choices(agent)].map((choice) =>
      button(choice.confirm ? "danger" : "", say(choice.label, choice.values), () => this.#choose(agent, choice)),
    );
    if (agent.state === "ready") made.push(button("", say("why.agent"), () => this.#explain(agent)));
    const none = made.length ? [] : [el("p", "hint", say("action.none"))];
    return [...none, ...made, button("quiet", say("action.close"), () => this.dialog.close())];
  }

  /** @param {import("./state.js").Agent} agent */
  #explain(agent) {
    const card = this.#card;
    this.dialog.close();
    this.why.open({ agent: agent.agent }, agentLabel(this.state, agent.agent), card);
  }

  /**
   * The safe answer comes first and has the focus.
   * @param {import("./state.js").Agent} agent
   * @param {Choice} choice
   */
  #question(agent, choice) {
    const back = () => {
      this.#asked = null;
      this.#show(agent);
    };
    return [
      el("p", "question", icon("alert"), say(choice.confirm ?? "", { caller: callerLabel(agent.caller) })),
      button("", say("action.cancel"), back),
      button("danger", say(choice.label, choice.values), () => this.#do(choice)),
    ];
  }

  /**
   * @param {import("./state.js").Agent} agent
   * @param {Choice} choice
   */
  #choose(agent, choice) {
    if (!choice.confirm) return void this.#do(choice);
    this.#asked = choice;
    this.#show(agent);
  }

  /** @param {Choice} choice */
  async #do(choice) {
    const id = this.#id;
    this.dialog.close();
    this.#note(id, { text: say("action.sent"), kind: "busy" });
    const answer = await this.ask(choice.type, choice.whose === "mine" ? {} : { agent: id, ...choice.fields });
    const agent = agentLabel(this.state, id);
    if (answer.ok) {
      this.#note(id, null);
      speak(say("action.done", { agent, action: say(choice.label, choice.values) }));
      return;
    }
    const problem = problemLabel(answer.error);
    this.#note(id, { text: problem, kind: "problem" });
    speak(say("action.failed", { agent, problem }));
  }

  /**
   * @param {string} id
   * @param {?Note} note
   */
  #note(id, note) {
    if (note === null) this.#notes.delete(id);
    else this.#notes.set(id, note);
    this.onNote(id);
    if (note?.kind === "problem") setTimeout(() => this.#notes.get(id) === note && this.#note(id, null), NOTE_MS);
  }
}
