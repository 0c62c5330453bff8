/** Whether the PBX can be reached, and of several which can't. Pure, as state.js. */

import { feed } from "./state_parts.js";

/**
 * @typedef {{name: string, why: string, since: number}} Lost
 * @typedef {{why: ?string, since: number, lost: Lost[]}} Pbx  `why` none can be reached; while it is so, `lost` are those
 *            that were lost before
 */

/**
 * What is known of it from now. That others are back doesn't change since when one is lost.
 * @param {Pbx} before
 * @param {{why_lost: ?string, lost: {name: string, why: string}[]}} told
 * @param {number} now
 * @returns {Pbx}
 */
export function pbxNow(before, told, now) {
  const since = before.why !== null ? before.since : now;
  if (told.why_lost !== null) return { why: told.why_lost, since, lost: before.lost };
  const lost = told.lost.map((each) => ({ ...each, since: named(before.lost, each.name)?.since ?? since }));
  return { why: null, since: now, lost };
}

/** @returns {import("./state.js").Change[]} */
export function onPbx(/** @type {import("./state.js").State} */ state, /** @type {any} */ event, /** @type {number} */ now) {
  const before = state.pbx;
  const value = pbxNow(before, event, now);
  const lost = value.lost.filter((each) => !named(before.lost, each.name));
  const back = before.lost.filter((each) => !named(value.lost, each.name));
  return [
    { table: "pbx", value },
    ...asWhole(before, value, now),
    ...back.map(({ name }) => feed(now, "pbx-back.one", false, { name })),
    ...lost.map(({ name, why }) => feed(now, "pbx-lost.one", true, { name, why })),
  ];
}

function asWhole(/** @type {Pbx} */ before, /** @type {Pbx} */ { why }, /** @type {number} */ now) {
  if (why === before.why) return [];
  return [feed(now, why === null ? "pbx-back" : "pbx-lost", why !== null, { why })];
}

function named(/** @type {Lost[]} */ lost, /** @type {string} */ name) {
  return lost.find((each) => each.name === name);
}
