/**
 * The server's time, and how times are written.
 *
 * Counted from the browser's monotonic clock, so that a wrong or corrected clock of this computer doesn't matter.
 */

import { currentLanguage } from "./words.js";

let offset = Date.now() - performance.now();

/** @param {number} now the server's time at this moment, ms UTC */
export function setClock(now) {
  offset = now - performance.now();
}

/** The server's time, ms UTC. */
export function serverNow() {
  return performance.now() + offset;
}

/**
 * `m:ss`, from an hour on `h:mm:ss`. Never negative: the clocks may differ by the network's delay.
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/**
 * Time of day with seconds, in the page's language.
 * @param {number} instant
 */
export function timeOfDay(instant) {
  return formatter().format(instant);
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/** Making a formatter is slow, so each language keeps one. */
function formatter() {
  const language = currentLanguage();
  let made = formatters.get(language);
  if (!made) {
    made = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    formatters.set(language, made);
  }
  return made;
}
