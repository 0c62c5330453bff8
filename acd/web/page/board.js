/** The supervisor's board: totals, groups, waiting calls, newest events, agents. */

import { Actions } from "./actions.js";
import { AgentGrid } from "./agents.js";
import { duration, serverNow, timeOfDay } from "./clock.js";
import { Rows, byId, button, el, icon, setAttribute, setText } from "./dom.js";
import { agentLabel, callerLabel, causeLabel, groupLabel, placeLabel, reasonLabel, stateLabel, whyLabel } from "./labels.js";
import { Listening } from "./listening.js";
import { AGENT_STATES, agentCounts, groupLoads, waitingCalls } from "./state.js";
import { Why } from "./why.js";
import { say } from "./words.js";

/** From here on a wait is marked. The protocol tells no service level, so these are the usual ones. */
const WAIT_WARN_MS = 20_000;
const WAIT_BAD_MS = 60_000;
const WAITING_ROWS_MAX = 60;
const FEED_ROWS_MAX = 20;

export class Board {
  /**
   * @param {import("./state.js").State} state
   * @param {(type: string, fields?: Record<string, any>) => Promise<import("./connection.js").Answer>} ask
   */
  constructor(state, ask) {
    this.state = state;
    this.why = new Why(ask);
    this.actions = new Actions(state, ask, this.why);
    this.listening = new Listening(state, ask);
    this.agents = new AgentGrid(state, this.actions);
    this.totals = new Totals(state, (only) => this.agents.showOnly(only));
    this.agents.onFilter = (shown) => this.totals.press(shown);
    this.groups = new Rows(byId("groups"), () => new GroupRow());
    this.waiting = new Rows(byId("waiting"), (id) => new WaitingRow(state, id, this.why));
    this.feed = new Rows(byId("feed"), () => new FeedRow(state));
    this.relabel();
  }

  /** @param {import("./state.js").Change[]} made */
  draw(made) {
    const tables = new Set(made.map((change) => change.table));
    const all = tables.has("all");
    if (all || tables.has("agents")) this.agents.draw(made);
    if (all || tables.has("calls") || tables.has("groups") || tables.has("origins")) this.#drawCalls();
    if (all || tables.has("feed")) this.#drawFeed();
    if (all || tables.has("agents") || tables.has("calls")) this.totals.draw();
    this.actions.draw();
    this.listening.draw();
    setText(byId("groups-since"), say("groups.since", { time: timeOfDay(this.state.countedSince) }));
  }

  #drawCalls() {
    const loads = groupLoads(this.state);
    const groups = [...this.state.groups.values()].filter((group) => !group.gone || isUsed(loads.get(group.id)));
    this.groups.show(groups.map((group) => [group.id, { group, load: loads.get(group.id) }]));
    const waiting = waitingCalls(this.state);
    this.waiting.show(waiting.slice(0, WAITING_ROWS_MAX).map((call) => [call.call, call]));
    const more = waiting.length - WAITING_ROWS_MAX;
    setText(byId("waiting-more"), more > 0 ? say("waiting.more", { count: more }) : "");
    byId("waiting-none").hidden = waiting.length > 0;
  }

  #drawFeed() {
    this.feed.show(this.state.feed.slice(0, FEED_ROWS_MAX).map((item) => [item.key, item]));
    byId("feed-none").hidden = this.state.feed.length > 0;
  }

  /** @param {number} now */
  tick(now) {
    this.totals.tick(now);
    this.groups.tick(now);
    this.waiting.tick(now);
    this.agents.tick(now);
  }

  relabel() {
    for (const rows of [this.groups, this.waiting, this.feed]) rows.clear();
    this.totals.relabel();
    this.agents.relabel();
    this.actions.relabel();
    this.listening.relabel();
    this.why.relabel();
    this.draw([{ table: "all", value: null }]);
  }
}

/** A group that is gone from the configuration stays while it has calls. @param {any} load */
function isUsed(load) {
  return load.waiting > 0 || load.talking > 0;
}

/**
 * Write a wait and mark it when it is long: by colour and by weight.
 * @param {Element} node
 * @param {?number} since
 * @param {number} now
 */
function showWait(node, since, now) {
  setText(node, since === null ? "–" : duration(now - since));
  const waited = since === null ? 0 : now - since;
  setAttribute(node, "data-wait", waited >= WAIT_BAD_MS ? "bad" : waited >= WAIT_WARN_MS ? "warn" : null);
}

class Totals {
  /** @type {?number} */ #oldest = null;
  /** @type {Map<string, {count: HTMLElement, tile: HTMLElement}>} */ #tiles = new Map();

  /**
   * @param {import("./state.js").State} state
   * @param {(only: string) => void} filter shows the agents of one state, or all when pressed again
   */
  constructor(state, filter) {
    this.state = state;
    this.filter = filter;
  }

  relabel() {
    this.longest = el("span", "total-value");
    this.waiting = el("span", "total-value");
    const calls = [
      el("div", "total", el("span", "total-name", icon("waiting"), say("total.waiting")), this.waiting),
      el("div", "total", el("span", "total-name", icon("alert"), say("total.longest")), this.longest),
    ];
    byId("totals").replaceChildren(...calls, ...AGENT_STATES.map((each) => this.#tile(each)));
  }

  /** @param {string} state */
  #tile(state) {
    const count = el("span", "total-value");
    const tile = button("total", "", () => this.filter(state));
    tile.append(el("span", "total-name", icon(state), stateLabel(state)), count);
    tile.dataset.state = state;
    tile.title = say("total.filter", { state: stateLabel(state) });
    tile.setAttribute("aria-pressed", "false");
    this.#tiles.set(state, { count, tile });
    return tile;
  }

  /** @param {string} shown the state filter in force */
  press(shown) {
    for (const [state, { tile }] of this.#tiles) tile.setAttribute("aria-pressed", String(state === shown));
  }

  draw() {
    const counts = agentCounts(this.state);
    for (const [state, { count }] of this.#tiles) setText(count, String(counts[state]));
    const waiting = waitingCalls(this.state);
    setText(this.waiting, String(waiting.length));
    this.#oldest = waiting.length ? Math.min(...waiting.map((call) => call.waiting_since)) : null;
    document.title = waiting.length ? `(${waiting.length}) ${say("title")}` : say("title");
    this.tick(serverNow());
  }

  /** @param {number} now */
  tick(now) {
    showWait(this.longest, this.#oldest, now);
  }
}

class GroupRow {
  /** @type {?number} */ #oldest = null;

  constructor() {
    this.name = el("th", "name");
    this.name.scope = "row";
    this.waiting = el("td", "number");
    this.oldest = el("td", "number");
    this.talking = el("td", "number");
    this.answered = el("td", "number");
    this.abandoned = el("td", "number");
    this.node = el("tr", "", this.name, this.waiting, this.oldest, this.talking, this.answered, this.abandoned);
  }

  /** @param {{group: import("./state.js").Group, load: any}} item */
  update({ group, load }) {
    setText(this.name, group.name || group.id);
    this.name.title = group.id;
    setText(this.waiting, String(load.waiting));
    setText(this.talking, String(load.talking));
    setText(this.answered, String(group.answered));
    setText(this.abandoned, String(group.abandoned));
    this.node.classList.toggle("busy", load.waiting > 0);
    this.#oldest = load.oldest;
    this.tick(serverNow());
  }

  /** @param {number} now */
  tick(now) {
    showWait(this.oldest, this.#oldest, now);
  }
}

class WaitingRow {
  #since = 0;

  /**
   * @param {import("./state.js").State} state
   * @param {string} id
   * @param {Why} why
   */
  constructor(state, id, why) {
    this.state = state;
    this.id = id;
    this.why = button("quiet small", say("why.short"), () => why.open({ call: id }, this.number.textContent, this.why));
    this.why.title = say("why.call");
    this.number = el("span", "caller");
    this.name = el("span", "caller-name");
    this.wait = el("span", "wait");
    this.where = el("span", "where");
    this.marks = el("span", "marks");
    const first = el("div", "call-line", this.number, this.name, this.why, this.wait);
    this.node = el("li", "call", first, el("div", "call-line", this.where, this.marks));
  }

  /** @param {import("./state.js").Call} call */
  update(call) {
    this.#since = call.waiting_since;
    setText(this.number, call.caller_number || say("caller.unknown"));
    setText(this.name, call.caller_name);
    const group = groupLabel(this.state, call.group);
    setText(this.where, call.entry ? `${group} · ${call.entry}` : group);
    this.where.title = call.entry ? `${say("waiting.entry")} ${call.entry}` : "";
    this.why.setAttribute("aria-label", `${say("why.call")} ${this.number.textContent}`);
    this.marks.replaceChildren(...this.#marks(call));
    this.tick(serverNow());
  }

  /** @param {import("./state.js").Call} call */
  #marks(call) {
    const marks = [];
    if (call.tier > 0) marks.push(el("span", "mark", `${say("waiting.tier")} ${call.tier}`));
    if (call.returned) {
      const mark = el("span", "mark warn", icon("returned"), say("waiting.returned"));
      mark.title = say("waiting.returned.long");
      marks.push(mark);
    }
    const origin = this.state.origins.get(call.call);
    if (origin) {
      const mark = el("span", "mark", icon("pending"), say("waiting.moved", { group: groupLabel(this.state, origin.group) }));
      mark.title = causeLabel(origin.cause);
      marks.push(mark);
    }
    if (call.state === "offered" && call.agent) {
      const [agent, more] = [agentLabel(this.state, call.agent), call.rings.length - 1];
      const words = more > 0 ? say("waiting.offered.more", { agent, more }) : say("waiting.offered", { agent });
      const mark = el("span", "mark ring", icon("ringing"), words);
      mark.title = words;
      marks.push(mark);
    }
    return marks;
  }

  /** @param {number} now */
  tick(now) {
    showWait(this.wait, this.#since, now);
  }
}

class FeedRow {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.node = el("li", "news");
  }

  /** @param {import("./state.js").FeedItem} item */
  update(item) {
    this.node.classList.toggle("grave", item.grave);
    const time = el("time", "", timeOfDay(item.at));
    const text = el("span", "", say(`feed.${item.kind}`, this.#words(item.values)));
    this.node.replaceChildren(time, icon(item.grave ? "alert" : (ICON_OF[item.kind] ?? item.values.state ?? "ready")), text);
  }

  /** @param {Record<string, any>} values */
  #words(values) {
    return {
      ...values,
      agent: values.agent ? agentLabel(this.state, values.agent) : "",
      caller: callerLabel(values.caller),
      group: groupLabel(this.state, values.group ?? null),
      other: groupLabel(this.state, values.other ?? null),
      to: placeLabel(values.to ?? "", values.name ?? ""),
      why: whyLabel(values.why ?? ""),
      cause: causeLabel(values.cause ?? ""),
      wait: duration(values.wait ?? 0),
      state: stateLabel(values.state ?? ""),
      reason: reasonLabel(values.reason ?? ""),
    };
  }
}

/** @type {Record<string, string>} */
const ICON_OF = {
  "forced": "forced",
  "forced.pending": "forced",
  "logged-in": "not-ready",
  "intercepted": "forced",
  "moved": "pending",
  "pbx-back": "linked",
  "pbx-back.one": "linked",
  "rules": "forced",
  "sent": "pending",
  "sent.door": "pending",
  "sent.hang-up": "pending",
  "sent.hang-up.door": "pending",
  "tier": "forced",
  "transferred": "pending",
};
