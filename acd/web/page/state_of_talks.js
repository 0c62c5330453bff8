/** How the events of call control change what the page knows. Pure, as state.js. */

import { callerOf, feed, gone, past } from "./state_parts.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Change} Change
 */

/** @type {Record<string, (state: State, event: any, now: number) => Change[]>} */
export const TALK_HANDLERS = {
  talk: onTalk,
  transferred: onTransferred,
  intercepted: onIntercepted,
  recording: onRecording,
  monitor: onMonitor,
};

/**
 * The agent's own talk, or one in which this agent is consulted: that one has another call here, the consult.
 * @returns {Change[]}
 */
function onTalk(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  const consult = event.stage === "consulting" || event.stage === "conference" ? event.consult : null;
  const asked = state.calls.get(consult?.call);
  /** @type {Change[]} */
  const made = [];
  if (call) {
    const same = call.stage === event.stage && call.consult?.answered === consult?.answered;
    const stage_since = same ? call.stage_since : now;
    const ended = event.ended ? { why: event.ended, consult: call.consult } : null;
    made.push({ table: "calls", key: event.call, value: { ...call, stage: event.stage, stage_since, consult, ended } });
  }
  if (asked) {
    made.push({ table: "calls", key: asked.call, value: { ...asked, with_caller: event.stage === "conference" } });
  }
  return [...made, ...again(state, event.agent)];
}

/**
 * From the agent's sight the call is gone; a supervisor hears next what becomes of it.
 * @returns {Change[]}
 */
function onTransferred(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  if (!call) return [];
  if (state.role === "agent") return [gone(event.call), past(now, call, "transferred", talked(call, now))];
  const values = { agent: event.agent, caller: callerOf(call), to: event.to, name: event.name };
  return [parted(call), feed(now, "transferred", false, values), ...again(state, event.agent)];
}

/** @returns {Change[]} */
function onIntercepted(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const call = state.calls.get(event.call);
  if (!call) return [];
  if (state.role === "agent") return [gone(event.call), past(now, call, "intercepted", talked(call, now))];
  const { by, agent } = event;
  const { value } = parted(call);
  const taken = { table: "calls", key: event.call, value: { ...value, state: "elsewhere", agent: null } };
  return [taken, feed(now, "intercepted", false, { agent, by, caller: callerOf(call) }), ...again(state, agent)];
}

/** @returns {Change[]} */
function onRecording(/** @type {State} */ state, /** @type {any} */ event) {
  const call = state.calls.get(event.call);
  const { state: recording, why } = event;
  return call ? [{ table: "calls", key: event.call, value: { ...call, recording, recording_failed: why } }] : [];
}

/** @returns {Change[]} */
function onMonitor(/** @type {State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const { by, agent, why } = event;
  const value = event.state === "over" ? undefined : event;
  const failed = why && by === state.user ? [feed(now, "monitor.failed", true, { agent, why })] : [];
  return [{ table: "monitors", key: by, value }, ...failed, ...again(state, agent)];
}

/** @returns {Change} */
function parted(/** @type {import("./state.js").Call} */ call) {
  return { table: "calls", key: call.call, value: { ...call, stage: null, stage_since: null, consult: null } };
}

/** The agent's card shows something of this, though the agent's state is the same. @returns {Change[]} */
function again(/** @type {State} */ state, /** @type {string} */ id) {
  const agent = state.agents.get(id);
  return agent && state.role === "supervisor" ? [{ table: "agents", key: id, value: { ...agent } }] : [];
}

function talked(/** @type {import("./state.js").Call} */ call, /** @type {number} */ now) {
  return call.talking_since === null ? 0 : now - call.talking_since;
}
