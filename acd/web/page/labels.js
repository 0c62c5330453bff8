/** How things are named on the screen: the same everywhere. */

import { say, sayOr } from "./words.js";

/** @param {string} state */
export function stateLabel(state) {
  return sayOr(`state.${state}`, state);
}

/** Reasons are ours or configured ones; of the configured ones we translate the usual. @param {string} reason */
export function reasonLabel(reason) {
  return sayOr(`reason.${reason}`, reason);
}

/** @param {?import("./state.js").Caller} caller */
export function callerLabel(caller) {
  return caller?.number || caller?.name || say("caller.unknown");
}

/**
 * @param {import("./state.js").State} state
 * @param {string} id
 */
export function agentLabel(state, id) {
  const name = state.names.get(id);
  return name ? `${name} ${id}` : id;
}

/**
 * @param {import("./state.js").State} state
 * @param {?string} id
 */
export function groupLabel(state, id) {
  return (id !== null && state.groups.get(id)?.name) || id || "";
}

/**
 * Where a call was sent: `number:02112345`, `voicemail:sales`.
 * @param {string} to
 */
export function destinationLabel(to) {
  const [kind, name = ""] = to.split(":", 2);
  return sayOr(`to.${kind}`, to, { name });
}

/**
 * A place with its name: `agent:1001` and Ana. Without a name it says how it is written.
 * @param {string} to
 * @param {string} name
 */
export function placeLabel(to, name) {
  const [kind, id = ""] = to.split(":", 2);
  return name ? sayOr(`place.${kind}`, name, { name, id }) : destinationLabel(to);
}

/** Who is consulted: the agent who answered, or else who was asked for. @param {?import("./state.js").Consult | undefined} consult */
export function partyLabel(consult) {
  if (!consult) return "";
  return consult.party ? placeLabel(`agent:${consult.party}`, consult.party_name) : placeLabel(consult.to, consult.name);
}

/** Why a consult is over. @param {string} why */
export function endedLabel(why) {
  return sayOr(`ended.${why}`, why);
}

/** Why a phone or a number wasn't reached. @param {string} why */
export function whyLabel(why) {
  return sayOr(`ended.${why}`, why);
}

/** Which rule moved or sent a call. @param {string} cause */
export function causeLabel(cause) {
  return sayOr(`cause.${cause}`, cause);
}

/** The words for why a request changed nothing. @param {?import("./connection.js").Problem} problem */
export function problemLabel(problem) {
  return problem ? sayOr(`problem.${problem.code}`, problem.message) : "";
}
