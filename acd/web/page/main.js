/** Puts the parts together: address and log-in form, connection, state, and the view that fits the role. */

import { AgentPanel } from "./agent.js";
import { Banners } from "./banners.js";
import { Board } from "./board.js";
import { serverNow, setClock, timeOfDay } from "./clock.js";
import { Connection } from "./connection.js";
import { byId, icon, setText } from "./dom.js";
import { LoginForm } from "./login.js";
import { changes, commit, nothing } from "./state.js";
import { currentLanguage, say, switchLanguage } from "./words.js";

/** Eight times a second is live to the eye, and leaves the computer of a wall screen cool all day. */
const DRAW_PAUSE_MS = 125;

const state = nothing();
/** @type {import("./state.js").Change[]} */
let undrawn = [];
let drawing = false;
let lastDrawn = -Infinity;
/** @type {?{draw: (changes: import("./state.js").Change[]) => void, tick: (now: number) => void, relabel: () => void}} */
let view = null;

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const connection = new Connection(`${scheme}//${location.host}/ws`, { onEvent, onStatus });
const banners = new Banners(state, connection);
const login = new LoginForm(
  (user, password) => connection.logIn(user, password),
  () => connection.resume(),
);

// --- what the server says -----------------------------------------------------------------------------------------

/** @param {any} event */
function onEvent(event) {
  if (event.type === "snapshot") setClock(event.now);
  const made = changes(state, event, serverNow());
  for (const change of made) commit(state, change);
  undrawn.push(...made);
  if (event.type === "snapshot") open();
  drawSoon();
}

/** However many events come, the page is drawn in one frame at most every `DRAW_PAUSE_MS`; after a quiet time, at once. */
function drawSoon() {
  if (drawing) return;
  drawing = true;
  const pause = lastDrawn + DRAW_PAUSE_MS - performance.now();
  if (pause > 0) setTimeout(() => requestAnimationFrame(draw), pause);
  else requestAnimationFrame(draw);
}

function draw() {
  drawing = false;
  lastDrawn = performance.now();
  const made = compacted(undrawn);
  undrawn = [];
  view?.draw(made);
  drawHeader();
  banners.draw();
}

/**
 * A page in the background draws no frames, while events keep coming: of what piled up the last word counts.
 * @param {import("./state.js").Change[]} made
 */
function compacted(made) {
  return [...new Map(made.map((change) => [`${change.table} ${change.key}`, change])).values()];
}

/** @param {import("./connection.js").Status} status */
function onStatus(status) {
  const refused = status.phase === "ended" && (!state.role || status.problem?.code !== "taken-over");
  if (refused || status.phase === "idle") close(status.phase === "ended" ? status.problem : null);
  login.show(status, !state.role);
  document.body.classList.toggle("stale", status.phase !== "live");
  banners.told(status);
  drawSoon();
}

// --- which view ---------------------------------------------------------------------------------------------------

function open() {
  const name = state.role === "agent" ? "panel" : "board";
  if (document.body.dataset.view === name) return;
  const ask = connection.request.bind(connection);
  view = name === "panel" ? new AgentPanel(state, ask) : new Board(state, ask);
  reveal(name);
}

/** @param {?import("./connection.js").Problem} problem */
function close(problem) {
  const by = state.agents.get(state.user)?.by;
  const forced = problem?.code === "logged-out" && by;
  Object.assign(state, nothing());
  undrawn = [];
  view = null;
  reveal("login");
  login.problem(forced ? { code: "logged-out-by", message: "" } : problem, { by: by ?? "" });
}

/** @param {string} name */
function reveal(name) {
  document.body.dataset.view = name;
  for (const id of ["login", "board", "panel"]) byId(id).hidden = id !== name;
  // An agent logs out by the panel's button; only closing the page would leave a session without a client.
  byId("leave").hidden = name !== "board";
  if (name !== "board") byId("listening").hidden = true;
  if (name === "login") login.focus();
}

// --- header -------------------------------------------------------------------------------------------------------

function drawHeader() {
  const pill = byId("pbx");
  const { why, lost } = state.pbx;
  const isBad = why !== null || lost.length > 0;
  const names = lost.map((each) => each.name).join(", ");
  pill.hidden = !state.role;
  pill.classList.toggle("bad", isBad);
  const said = why !== null ? say("pbx.lost", { why }) : isBad ? say("pbx.lost.some", { names }) : say("pbx.up");
  pill.replaceChildren(icon(isBad ? "alert" : "linked"), said);
  const name = state.names.get(state.user);
  setText(byId("who"), name ? say("panel.you", { name, id: state.user }) : state.user);
}

function relabel() {
  document.documentElement.lang = currentLanguage();
  for (const node of document.querySelectorAll("[data-word]")) {
    if (node instanceof HTMLElement) setText(node, say(node.dataset.word ?? ""));
  }
  setText(byId("language"), say("language.other"));
  byId("language").setAttribute("aria-label", say("language.switch"));
  setText(byId("leave"), say("login.leave"));
  view?.relabel();
  login.relabel();
  banners.relabel();
  drawSoon();
}

function leave() {
  connection.leave();
}

/** Once a second, just after the server's second has changed, so that all timers turn together. */
function tick() {
  const now = serverNow();
  setText(byId("clock"), timeOfDay(now));
  // Times that go on counting would make stale figures look alive.
  if (connection.status.phase === "live") view?.tick(now);
  banners.tick();
  setTimeout(tick, 1005 - (now % 1000));
}

// --- the address --------------------------------------------------------------------------------------------------

/**
 * Credentials behind the `#`, for the demo and for a wall screen's bookmark. What is behind the `#` stays in the
 * browser; it is taken out of the address at once, so that nobody reads it there.
 */
function logInByAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const [user, password] = [given.get("user"), given.get("password")];
  if (user === null || password === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  login.remember(user);
  connection.logIn(user, password);
}

byId("language").addEventListener("click", () => {
  switchLanguage();
  relabel();
});
byId("leave").addEventListener("click", leave);
window.addEventListener("hashchange", logInByAddress);
window.addEventListener("online", () => connection.tryNow());
relabel();
reveal("login");
logInByAddress();
tick();
