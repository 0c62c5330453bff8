/** Small makers of changes and of what they hold, for those who answer events. */

/**
 * The other side of a call; of a consult, who asks.
 * @param {import("./state.js").Call | undefined} call
 * @returns {?import("./state.js").Caller}
 */
export function callerOf(call) {
  if (!call) return null;
  if (call.about) return { number: "", name: call.about.by_name || call.about.by };
  return { number: call.caller_number || call.number, name: call.caller_name };
}

/** @param {string} call @returns {import("./state.js").Change} */
export function gone(call) {
  return { table: "calls", key: call, value: undefined };
}

let keys = 0;

/**
 * @param {number} at
 * @param {string} kind
 * @param {boolean} grave
 * @param {Record<string, any>} values
 * @returns {import("./state.js").Change}
 */
export function feed(at, kind, grave, values) {
  return { table: "feed", value: { key: ++keys, at, kind, grave, values } };
}

/**
 * @param {number} at
 * @param {import("./state.js").Call} call
 * @param {string} outcome
 * @param {number} talked_ms
 * @param {string} [why]
 * @returns {import("./state.js").Change}
 */
export function past(at, call, outcome, talked_ms, why = "") {
  return { table: "history", value: { key: ++keys, at, caller: callerOf(call), kind: call.kind, outcome, talked_ms, why } };
}
