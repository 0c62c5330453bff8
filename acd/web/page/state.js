/**
 * What the page knows, and how an event of the server changes it. Pure: no DOM, no clock, no network.
 *
 * `changes(state, event, now)` tells what changes; `commit(state, change)` makes it so. A change names a table, a key
 * and the new value, so that whoever draws knows what to draw again.
 *
 * @typedef {{state: string, reason: string, by: string}} Pending
 * @typedef {{number: string, name: string}} Caller
 * @typedef {{agent: string, state: string, reason: string, pending: ?Pending, by: string, call: ?string,
 *            since: number, caller: ?Caller}} Agent  `caller` is ours: with whom, kept through wrap-up
 * @typedef {{call: string, state: string, group: string, entry: string, caller_number: string, caller_name: string,
 *            tier: number, returned: boolean, waiting_since: number, agent: ?string, talking_since: ?number,
 *            sent_to: ?string, kind: string, about: ?About, number: string, stage: ?string, stage_since: ?number,
 *            consult: ?Consult, recording: ?string, rings: string[], rings_until: ?number, ring_ms: ?number,
 *            with_caller: boolean, ended: ?{why: string, consult: ?Consult}, recording_failed: string}} Call
 *            from `rings` on they are ours: at whom it rings, first first, and how long; whether the caller takes part
 *            in a consult; why the last consult is over
 * @typedef {{call: string, by: string, by_name: string, group: string, caller_number: string, caller_name: string}} About
 * @typedef {{call: string, to: string, name: string, answered: boolean, party: ?string, party_name: string}} Consult
 * @typedef {{monitor: string, by: string, agent: string, call: string, mode: string, state: string}} Monitor
 * @typedef {{group: string, cause: string}} Origin  from which group a call was moved, and by which rule
 * @typedef {{id: string, name: string, gone: boolean, recording: string, answered: number, abandoned: number}} Group
 * @typedef {{key: number, at: number, kind: string, grave: boolean, values: Record<string, any>}} FeedItem
 * @typedef {{key: number, at: number, caller: Caller, kind: string, outcome: string, talked_ms: number, why: string}} PastCall
 * @typedef {{user: string, role: string, reasons: string[], groups: Map<string, Group>, names: Map<string, string>,
 *            agents: Map<string, Agent>, calls: Map<string, Call>, origins: Map<string, Origin>, monitors: Map<string, Monitor>,
 *            pbx: import("./state_of_pbxs.js").Pbx,
 *            feed: FeedItem[], history: PastCall[], countedSince: number}} State
 * @typedef {{table: string, key?: any, value: any}} Change  a `value` of undefined takes the key away
 */

import { onPbx, pbxNow } from "./state_of_pbxs.js";
import { TALK_HANDLERS } from "./state_of_talks.js";
import { callerOf, feed, gone, past } from "./state_parts.js";

export const FEED_LENGTH_MAX = 40;
export const HISTORY_LENGTH_MAX = 12;

/** In the order in which a supervisor looks for them. */
export const AGENT_STATES = ["ready", "ringing", "talking", "wrap-up", "not-ready", "logged-out"];

/** @returns {State} */
export function nothing() {
  return {
    user: "",
    role: "",
    reasons: [],
    groups: new Map(),
    names: new Map(),
    agents: new Map(),
    calls: new Map(),
    origins: new Map(),
    monitors: new Map(),
    pbx: { why: null, since: 0, lost: [] },
    feed: [],
    history: [],
    countedSince: 0,
  };
}

/**
 * @param {State} state
 * @param {any} event as the server sent it
 * @param {number} now the server's time
 * @returns {Change[]}
 */
export function changes(state, event, now) {
  const handler = HANDLERS[event.type];
  return handler ? handler(state, event, now) : [];
}

/**
 * @param {State} state changed in place
 * @param {Change} change
 */
export function commit(state, { table, key, value }) {
  const target = /** @type {any} */ (state)[table];
  if (table === "all") Object.assign(state, value);
  else if (table === "feed") state.feed = [value, ...state.feed].slice(0, FEED_LENGTH_MAX);
  else if (table === "history") state.history = [value, ...state.history].slice(0, HISTORY_LENGTH_MAX);
  else if (!(target instanceof Map)) /** @type {any} */ (state)[table] = value;
  else if (value === undefined) target.delete(key);
  else target.set(key, value);
}

/** @type {Record<string, (state: State, event: any, now: number) => Change[]>} */
const HANDLERS = {
  snapshot: onSnapshot,
  agent: onAgent,
  call: onCall,
  moved: onMoved,
  sent: onSent,
  tier: onTier,
  offer: onOffer,
  offer_ended: onOfferEnded,
  connected: onConnected,
  finished: onFinished,
  pbx: onPbx,
  rules: onRules,
  ...TALK_HANDLERS,
};

/**
 * Everything anew. After a log-in answered and abandoned are counted from here: what happened in a gap is not known.
 * A snapshot in the middle of a connection (other rules hold) follows on what was told before.
 * @returns {Change[]}
 */
function onSnapshot(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const [same, follows] = [state.user === event.user, event.seq > 1];
  const calls = new Map(event.calls.map((/** @type {any} */ call) => [call.call, asCall(call)]));
  for (const agent of event.agents) if (agent.state === "ringing") calls.get(agent.call)?.rings.push(agent.agent);
  if (follows) for (const call of calls.values()) keepOurs(call, state.calls.get(call.call));
  const value = {
    ...nothing(),
    user: event.user,
    role: event.role,
    reasons: event.not_ready_reasons,
    groups: new Map(event.groups.map((/** @type {any} */ g) => [g.id, { ...g, ...counts(follows, state.groups.get(g.id)) }])),
    names: new Map(event.names.map((/** @type {any} */ each) => [each.id, each.name])),
    agents: new Map(event.agents.map((/** @type {any} */ a) => [a.agent, { ...a, caller: callerOf(calls.get(a.call)) }])),
    calls,
    origins: follows ? state.origins : new Map(),
    monitors: new Map(event.monitors.map((/** @type {Monitor} */ each) => [each.by, each])),
    pbx: pbxNow(follows ? state.pbx : nothing().pbx, event.pbx, now),
    feed: same ? state.feed : [],
    history: same ? state.history : [],
    countedSince: follows ? state.countedSince : now,
  };
  return [{ table: "all", value }];
}

/** How long a phone rings is told by the offer alone, and whether the caller takes part in a consult by that talk's event. */
function keepOurs(/** @type {Call} */ call, /** @type {Call | undefined} */ known) {
  if (call.state === "offered" && known?.state === "offered" && call.agent === known.agent) {
    Object.assign(call, { rings_until: known.rings_until, ring_ms: known.ring_ms });
  }
  if (known && call.stage === known.stage) call.with_caller = known.with_caller;
}

function counts(/** @type {boolean} */ follows, /** @type {Group | undefined} */ known) {
  return follows && known ? { answered: known.answered, abandoned: known.abandoned } : { answered: 0, abandoned: 0 };
}

/** @returns {Change[]} */
function onAgent(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const before = state.agents.get(event.agent);
  const caller = callerOf(state.calls.get(event.call)) ?? callerKept(before, event);
  /** @type {Change[]} */
  const made = [{ table: "agents", key: event.agent, value: { ...event, caller } }];
  const news = agentNews(before, event);
  if (news) made.push(feed(now, news.kind, news.grave, { agent: event.agent, ...news.values }));
  return made;
}

/**
 * The call of a wrap-up is over, and may not be named any more when only the pending state changes.
 * @param {Agent | undefined} before
 * @param {Agent} after
 */
function callerKept(before, after) {
  const same = before && (after.call === before.call || after.call === null);
  return after.state === "wrap-up" && same ? before.caller : null;
}

/** Reasons of which `offer_ended` has told already, unless the agent was ready: then it is the phone itself. */
const TOLD_BY_OFFER = new Set(["no-answer", "rejected", "busy", "device-unavailable"]);

/**
 * What is noteworthy in an agent's change. The common round (ready, ringing, talking, wrap-up) is not.
 * @param {Agent | undefined} before
 * @param {Agent} after
 * @returns {?{kind: string, grave: boolean, values: Record<string, any>}}
 */
function agentNews(before, after) {
  const { state, reason, by, pending } = after;
  if (pending?.by && pending.by !== before?.pending?.by) {
    return { kind: "forced.pending", grave: false, values: { state: pending.state, by: pending.by } };
  }
  if (state === before?.state && reason === before?.reason && by === before?.by) return null;
  if (by) return { kind: "forced", grave: false, values: { state, by } };
  if (before?.state === "logged-out") return { kind: "logged-in", grave: false, values: {} };
  if (state === "logged-out") return { kind: "state", grave: false, values: { state } };
  if (state !== "not-ready" || (TOLD_BY_OFFER.has(reason) && before?.state !== "ready")) return null;
  return { kind: "state.reason", grave: reason === "connection-lost", values: { state, reason } };
}

/** @returns {Change[]} */
function onCall(/** @type {State} */ _state, /** @type {any} */ event) {
  return [{ table: "calls", key: event.call, value: asCall(event) }];
}

/**
 * Of a call that is moved on its arrival nothing is known yet; the `call` event that follows tells.
 * @returns {Change[]}
 */
function onMoved(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  const { group, to, cause } = event;
  /** @type {Change[]} */
  const made = [{ table: "origins", key: event.call, value: { group, cause } }];
  if (call) made.push({ table: "calls", key: event.call, value: { ...call, group: to } });
  if (cause === "supervisor") made.push(feed(now, "moved", false, { caller: callerOf(call), group, other: to }));
  return made;
}

/** @returns {Change[]} */
function onSent(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  const { group, to, cause } = event;
  const kind = to === "hang-up" ? "sent.hang-up" : "sent";
  const told = cause === "transfer"; // by `transferred`
  const news = told ? [] : [feed(now, call ? kind : `${kind}.door`, false, { caller: callerOf(call), group, to, cause })];
  if (!call) return news;
  const value = { ...call, state: "elsewhere", sent_to: to, agent: null, rings: [], ...NO_RING };
  return [{ table: "calls", key: event.call, value }, ...news];
}

/** @returns {Change[]} */
function onTier(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  const { tier, by } = event;
  /** @type {Change[]} */
  const made = call ? [{ table: "calls", key: event.call, value: { ...call, tier } }] : [];
  if (by) made.push(feed(now, "tier", false, { caller: callerOf(call), tier, by }));
  return made;
}

/** @returns {Change[]} */
function onOffer(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const known = state.calls.get(event.call);
  const value = {
    ...UNKNOWN,
    ...known,
    call: event.call,
    state: "offered",
    kind: event.kind,
    about: event.about,
    number: event.number,
    group: event.group,
    entry: event.entry,
    caller_number: event.caller_number,
    caller_name: event.caller_name,
    waiting_since: known?.waiting_since ?? now - event.waited_ms,
    agent: known?.rings[0] ?? event.agent,
    rings: [...(known?.rings ?? []), event.agent],
    ring_ms: event.ring_ms,
    rings_until: now + event.ring_ms,
  };
  return [{ table: "calls", key: event.call, value }];
}

/**
 * A supervisor sees the call wait again, or ring on at others; from an agent's sight it is gone.
 * @returns {Change[]}
 */
function onOfferEnded(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  if (!call) return [];
  if (state.role === "agent") return [gone(event.call), past(now, call, event.how, 0)];
  const rings = call.rings.filter((agent) => agent !== event.agent);
  const still = rings.length > 0;
  const value = still ? { ...call, rings, agent: rings[0] } : { ...call, state: "waiting", rings, agent: null, ...NO_RING };
  /** @type {Change[]} */
  const made = call.state === "offered" ? [{ table: "calls", key: event.call, value }] : [];
  if (event.how !== "withdrawn") made.push(feed(now, event.how, true, { agent: event.agent, caller: callerOf(call) }));
  return made;
}

const NO_RING = { rings_until: null, ring_ms: null };
const NO_TALK = { stage: null, stage_since: null, consult: null, with_caller: false, ended: null, recording_failed: "" };
/** Of a call of which not everything was told. */
const UNKNOWN = { tier: 0, returned: false, talking_since: null, sent_to: null, recording: null, rings: [], ...NO_RING, ...NO_TALK };

/** @returns {Change[]} */
function onConnected(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const known = state.calls.get(event.call);
  const { call, agent, group, kind, about, entry, caller_number, caller_name, waited_ms } = event;
  const told = { call, group, kind, about, entry, caller_number, caller_name, waiting_since: now - waited_ms };
  const before = known ?? { ...UNKNOWN, ...told };
  const again = known?.state === "talking";
  const talking_since = again ? known.talking_since : now;
  const talk = { ...NO_RING, ...NO_TALK, stage: "connected", stage_since: now, number: "", rings: [] };
  const value = { ...before, group, state: "talking", agent, talking_since, ...talk };
  const answered = kind === "incoming" && !again ? counted(state, group, "answered") : [];
  return [{ table: "calls", key: call, value }, ...answered];
}

/** @returns {Change[]} */
function onFinished(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  /** @type {Change[]} */
  const made = [gone(event.call), { table: "origins", key: event.call, value: undefined }];
  const { outcome, kind } = event;
  if (outcome === "abandoned" && kind === "incoming") made.push(...counted(state, event.group, "abandoned"));
  const goesOn = kind === "consult" && outcome === "transferred"; // this agent has the call itself now
  if (state.role === "agent" && (goesOn || !call)) return made;
  if (state.role === "agent" && call) return [...made, past(now, call, outcome, event.talked_ms, event.why ?? "")];
  const values = { agent: event.agent, caller: callerOf(call), wait: event.waited_ms, group: event.group };
  if (NOTEWORTHY_OUTCOMES.has(outcome)) made.push(feed(now, outcome, true, values));
  return made;
}

const NOTEWORTHY_OUTCOMES = new Set(["abandoned", "refused", "released-by-supervisor"]);

/** @returns {Change[]} */
function onRules(/** @type {State} */ _state, /** @type {any} */ event, /** @type {number} */ now) {
  return [feed(now, "rules", false, { by: event.by })];
}

/** @returns {Call} */
function asCall(/** @type {any} */ view) {
  return { ...UNKNOWN, rings: [], ...view };
}

/** @returns {Change[]} */
function counted(/** @type {State} */ state, /** @type {?string} */ id, /** @type {"answered" | "abandoned"} */ what) {
  const group = id === null ? undefined : state.groups.get(id);
  return group ? [{ table: "groups", key: id, value: { ...group, [what]: group[what] + 1 } }] : [];
}

// --- what is told of the state as a whole -------------------------------------------------------------------------

/**
 * Waiting calls in the order of service: returned ones first, then the higher tier, then the longer wait.
 * @param {State} state
 * @returns {Call[]}
 */
export function waitingCalls(state) {
  const waiting = [...state.calls.values()].filter(waits);
  return waiting.sort(
    (a, b) => Number(b.returned) - Number(a.returned) || b.tier - a.tier || a.waiting_since - b.waiting_since,
  );
}

/**
 * Whether it is a caller who waits: no consult, nor a number that an agent calls, unless the agent's phone failed then.
 * @param {Call} call
 */
function waits(call) {
  const inLine = call.state === "waiting" || call.state === "offered";
  return inLine && (call.kind === "incoming" || (call.kind === "outgoing" && call.returned));
}

/**
 * @param {State} state
 * @returns {Map<string, {waiting: number, oldest: ?number, talking: number}>} by group
 */
export function groupLoads(state) {
  /** @type {Map<string, {waiting: number, oldest: ?number, talking: number}>} */
  const loads = new Map([...state.groups.keys()].map((id) => [id, { waiting: 0, oldest: null, talking: 0 }]));
  for (const call of state.calls.values()) {
    const load = loads.get(call.group);
    if (!load) continue;
    if (call.state === "talking" && call.kind !== "consult") load.talking += 1;
    if (waits(call)) {
      load.waiting += 1;
      load.oldest = Math.min(load.oldest ?? Infinity, call.waiting_since);
    }
  }
  return loads;
}

/**
 * @param {State} state
 * @returns {Record<string, number>} agents by state
 */
export function agentCounts(state) {
  const counts = Object.fromEntries(AGENT_STATES.map((each) => [each, 0]));
  for (const agent of state.agents.values()) counts[agent.state] = (counts[agent.state] ?? 0) + 1;
  return counts;
}
