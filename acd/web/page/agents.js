/** The agents as a grid of cards that keep their places; sorting, filtering, and walking it by keys. */

import { duration, serverNow } from "./clock.js";
import { Rows, byId, el, icon, setAttribute, setIcon, setText } from "./dom.js";
import { agentLabel, callerLabel, partyLabel, reasonLabel, stateLabel } from "./labels.js";
import { AGENT_STATES } from "./state.js";
import { currentLanguage, say } from "./words.js";

/** From so many agents on, cards are dense unless the user chose otherwise. */
const DENSE_FROM = 80;
const ALL = "all";
const ONLINE = "online";

/** @typedef {import("./state.js").Agent} Agent */

export class AgentGrid {
  #only = ALL;
  #needle = "";
  /** Cards that keep their places are easiest on the eye, so what never changes comes first. */
  #sort = "id";
  /** @type {?boolean} */ #dense = null;
  /** Called when another filter by state is in force. */
  onFilter = (/** @type {string} */ _only) => {};
  /** @type {string} the id of the card that the Tab key reaches */ #reachable = "";

  /**
   * @param {import("./state.js").State} state
   * @param {import("./actions.js").Actions} actions
   */
  constructor(state, actions) {
    this.state = state;
    this.actions = actions;
    this.list = byId("agents");
    this.rows = new Rows(this.list, (id) => new AgentCard(state, id, actions));
    actions.onNote = (id) => this.#refresh(id);
    this.#listen();
  }

  #listen() {
    byId("agents-search").oninput = (/** @type {any} */ event) => {
      this.#needle = event.target.value.trim().toLowerCase();
      this.#drawAll();
    };
    byId("agents-state").onchange = (/** @type {any} */ event) => this.showOnly(event.target.value, false);
    byId("agents-sort").onchange = (/** @type {any} */ event) => {
      this.#sort = event.target.value;
      this.#drawAll();
    };
    byId("agents-dense").onchange = (/** @type {any} */ event) => {
      this.#dense = event.target.checked;
      this.#drawAll();
    };
    this.list.onkeydown = (/** @type {KeyboardEvent} */ event) => this.#walk(event);
    this.list.onfocusin = (/** @type {any} */ event) => this.#reach(event.target.dataset?.agent ?? "");
  }

  /**
   * @param {string} only a state, or one of the words for several
   * @param {boolean} [toggle] whether the same once more means all
   */
  showOnly(only, toggle = true) {
    this.#only = toggle && only === this.#only ? ALL : only;
    byId("agents-state").value = this.#only;
    this.onFilter(this.#only);
    this.#drawAll();
  }

  relabel() {
    this.rows.clear();
    byId("agents-search").placeholder = say("agents.search");
    byId("agents-search").setAttribute("aria-label", say("agents.search"));
    const states = [ALL, ONLINE].map((each) => [each, say(`agents.state.${each}`)]);
    fill(byId("agents-state"), say("agents.state"), [...states, ...AGENT_STATES.map((s) => [s, stateLabel(s)])], this.#only);
    const sorts = Object.keys(ORDERS).map((each) => [each, say(`agents.sort.${each}`)]);
    fill(byId("agents-sort"), say("agents.sort"), sorts, this.#sort);
  }

  #drawAll() {
    this.draw([{ table: "all", value: null }]);
  }

  /** @param {import("./state.js").Change[]} made */
  draw(made) {
    const all = made.some((change) => change.table === "all");
    const touched = new Set(made.filter((change) => change.table === "agents").map((change) => change.key));
    const shown = this.#shown();
    this.rows.show(shown.map((agent) => [agent.agent, agent]), (id) => all || touched.has(id));
    const dense = this.#dense ?? this.state.agents.size >= DENSE_FROM;
    byId("agents-dense").checked = dense;
    this.list.classList.toggle("dense", dense);
    byId("agents-none").hidden = shown.length > 0;
    setText(byId("agents-shown"), say("agents.shown", { shown: shown.length, all: this.state.agents.size }));
    this.#keepReachable(shown);
  }

  #shown() {
    const agents = [...this.state.agents.values()].filter((agent) => this.#matches(agent));
    return agents.sort((a, b) => ORDERS[this.#sort](this.state, a, b) || byText(a.agent, b.agent));
  }

  /** @param {Agent} agent */
  #matches(agent) {
    if (this.#only === ONLINE ? agent.state === "logged-out" : this.#only !== ALL && agent.state !== this.#only) return false;
    if (!this.#needle) return true;
    const reason = agent.reason ? reasonLabel(agent.reason) : "";
    const { number = "", name = "" } = agent.caller ?? {};
    return `${agentLabel(this.state, agent.agent)} ${reason} ${number} ${name}`.toLowerCase().includes(this.#needle);
  }

  /** @param {string} id */
  #refresh(id) {
    const agent = this.state.agents.get(id);
    if (agent) this.rows.get(id)?.update(agent);
  }

  /** @param {number} now */
  tick(now) {
    this.rows.tick(now);
  }

  // --- keys: the grid is one stop of the Tab key, arrows move within ---

  /** @param {Agent[]} shown */
  #keepReachable(shown) {
    if (!shown.some((agent) => agent.agent === this.#reachable)) this.#reach(shown[0]?.agent ?? "");
    else this.#reach(this.#reachable);
  }

  /** @param {string} id */
  #reach(id) {
    if (!id) return;
    if (id !== this.#reachable) this.rows.get(this.#reachable)?.reachable(false);
    this.#reachable = id;
    this.rows.get(id)?.reachable(true);
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const cards = [...this.list.querySelectorAll("button.agent")];
    const here = cards.indexOf(document.activeElement);
    const columns = columnsOf(cards);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -here, End: cards.length }[event.key];
    if (step === undefined || here < 0) return;
    event.preventDefault();
    cards[Math.max(0, Math.min(cards.length - 1, here + step))].focus();
  }
}

/** How many cards stand beside each other. @param {Element[]} cards */
function columnsOf(cards) {
  const top = cards[0]?.getBoundingClientRect().top;
  const next = cards.findIndex((card) => card.getBoundingClientRect().top > top);
  return next < 0 ? cards.length : next;
}

/**
 * @param {HTMLSelectElement} select
 * @param {string} label
 * @param {string[][]} options
 * @param {string} chosen
 */
function fill(select, label, options, chosen) {
  select.setAttribute("aria-label", label);
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

/** @type {Map<string, Intl.Collator>} */
const collators = new Map();

/** Making a collator is slow, and sorting asks thousands of times. @param {string} a @param {string} b */
function byText(a, b) {
  const language = currentLanguage();
  const collator = collators.get(language) ?? new Intl.Collator(language, { numeric: true });
  collators.set(language, collator);
  return collator.compare(a, b);
}

/** @type {Record<string, (state: import("./state.js").State, a: Agent, b: Agent) => number>} */
const ORDERS = {
  id: (_state, a, b) => byText(a.agent, b.agent),
  name: (state, a, b) => byText(state.names.get(a.agent) ?? "", state.names.get(b.agent) ?? ""),
  state: (_state, a, b) => AGENT_STATES.indexOf(a.state) - AGENT_STATES.indexOf(b.state) || a.since - b.since,
  time: (_state, a, b) => a.since - b.since,
};

class AgentCard {
  /** @type {?Agent} */ #agent = null;

  /**
   * @param {import("./state.js").State} state
   * @param {string} id
   * @param {import("./actions.js").Actions} actions
   */
  constructor(state, id, actions) {
    this.state = state;
    this.id = id;
    this.actions = actions;
    this.name = el("span", "agent-name");
    this.number = el("span", "agent-id");
    this.timer = el("span", "agent-time");
    this.sign = icon("logged-out");
    this.word = el("span", "agent-state");
    this.aside = el("span", "agent-aside");
    this.flag = icon("forced");
    this.flag.classList.add("agent-flag");
    this.note = el("span", "agent-note");
    this.card = this.#card();
    this.node = el("li", "", this.card);
  }

  #card() {
    const head = el("span", "agent-head", this.name, this.number, this.timer);
    const body = el("span", "agent-body", this.sign, this.word, this.flag, this.aside);
    const card = el("button", "agent", head, body, this.note);
    card.type = "button";
    card.tabIndex = -1;
    card.dataset.agent = this.id;
    card.setAttribute("aria-haspopup", "dialog");
    card.setAttribute("aria-describedby", "agents-keys");
    card.addEventListener("click", () => this.actions.open(this.id, card));
    return card;
  }

  /** @param {boolean} yes */
  reachable(yes) {
    this.card.tabIndex = yes ? 0 : -1;
  }

  /** @param {Agent} agent */
  update(agent) {
    this.#agent = agent;
    const name = this.state.names.get(agent.agent) ?? "";
    setText(this.name, name || agent.agent);
    setText(this.number, name ? agent.agent : "");
    setAttribute(this.card, "data-state", agent.state);
    setIcon(this.sign, agent.state);
    setText(this.word, stateLabel(agent.state));
    // "forced" is no news beside the name of who forced.
    const reason = agent.reason && agent.reason !== "forced" ? reasonLabel(agent.reason) : "";
    setText(this.aside, agent.caller ? callerLabel(agent.caller) : reason);
    this.#note(agent);
    this.tick(serverNow());
  }

  /** A word about the last request is more urgent than what is pending, and that more than who forced. @param {Agent} agent */
  #note(agent) {
    const { text, kind } = this.actions.noteOf(agent.agent) ?? standing(agent, this.state);
    const sign = agent.pending ? "pending" : agent.by ? "forced" : "";
    setAttribute(this.flag, "hidden", sign ? null : "");
    setIcon(this.flag, sign);
    setText(this.note, text);
    setAttribute(this.note, "data-kind", kind);
    this.note.title = text;
    this.card.setAttribute("aria-busy", String(kind === "busy"));
  }

  /** @param {number} now */
  tick(now) {
    const since = this.#agent?.since ?? 0;
    // Who never logged in since the server began has no beginning to count from.
    setText(this.timer, since ? duration(now - since) : "");
  }
}

/**
 * What the card's last line says when nothing was asked just now.
 * @param {Agent} agent
 * @param {import("./state.js").State} state
 * @returns {{text: string, kind: ?string}}
 */
function standing(agent, state) {
  if (agent.pending) {
    const { state, by } = agent.pending;
    return { text: say(by ? "agent.pending.forced" : "agent.pending", { state: stateLabel(state), by }), kind: "pending" };
  }
  if (agent.by) return { text: say("agent.forcedBy", { by: agent.by }), kind: "forced" };
  const listeners = [...state.monitors.values()].filter((each) => each.agent === agent.agent && each.state === "on");
  const heard = listeners.map(({ by, mode }) => say("monitor.short", { by, mode: say(`monitor.mode.${mode}`) }));
  const texts = [stage(state.calls.get(agent.call ?? "")), ...heard].filter(Boolean);
  if (texts.length) return { text: texts.join(" · "), kind: "stage" };
  return { text: agent.caller?.number ? agent.caller.name : "", kind: null };
}

/** How the talk is arranged, in short. @param {import("./state.js").Call | undefined} call */
function stage(call) {
  if (call?.state !== "talking" || !call.stage || call.stage === "connected") return "";
  return say(`stage.short.${call.stage}`, { party: partyLabel(call.consult) });
}
