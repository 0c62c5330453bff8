/** The agent's call control: how the talk is arranged, and the buttons for what may be asked of it now. */

import { speak } from "./banners.js";
import { duration, serverNow } from "./clock.js";
import { button, el, icon, setAttribute, setText } from "./dom.js";
import { endedLabel, partyLabel, problemLabel } from "./labels.js";
import { say } from "./words.js";

/**
 * @typedef {import("./state.js").Agent} Agent
 * @typedef {import("./state.js").Call} Call
 * @typedef {{does: string, label: string, type?: string, fields?: Record<string, any>, opens?: string, primary?: boolean}} Offer
 */

/** Touch tones in the places where a phone has them. */
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SENT_MAX = 32;

/** Whether the talk is with a caller, to whom something can be done: it is no consult, and nobody is being called yet. */
function isOwn(/** @type {Call} */ call) {
  return call.kind !== "consult" && !call.number;
}

/**
 * What may be asked now (docs/call-control.md). The server has the last word.
 * @param {Agent} agent
 * @param {Call | undefined} call
 * @param {string} rule of its group, about recording
 * @returns {Offer[]}
 */
export function offers(agent, call, rule) {
  if (agent.state === "ringing") return [{ does: "answer", label: say("talk.answer"), type: "answer", primary: true }];
  if (agent.state !== "talking" || !call || !isOwn(call)) return [];
  return [...arranging(call), ...sending(call), ...recording(call, rule)];
}

/** @param {Call} call @returns {Offer[]} */
function arranging(call) {
  const party = partyLabel(call.consult);
  if (call.stage === "consulting" || call.stage === "conference") {
    const inConference = call.stage === "conference";
    const back = say(inConference ? "talk.reconnect.conference" : "talk.reconnect", { party });
    const reconnect = { does: "reconnect", label: back, type: "reconnect" };
    if (!call.consult?.answered) return [reconnect];
    const transfer = { does: "transfer", label: say("talk.transfer"), type: "transfer" };
    const conference = { does: "conference", label: say("talk.conference"), type: "conference" };
    return inConference ? [transfer, reconnect] : [transfer, conference, reconnect];
  }
  const hold = call.stage === "held" ? "retrieve" : "hold";
  return [
    { does: hold, label: say(`talk.${hold}`), type: hold, primary: hold === "retrieve" },
    { does: "consult", label: say("talk.consult"), opens: "consult" },
    { does: "transfer", label: say("talk.transfer.blind"), opens: "transfer" },
  ];
}

/** Digits go to the caller, or to a number that is consulted. @param {Call} call @returns {Offer[]} */
function sending({ stage, consult }) {
  const toNumber = consult?.answered && consult.to.startsWith("number:");
  const may = stage === "consulting" ? toNumber : stage !== "held";
  return may ? [{ does: "digits", label: say("talk.digits"), opens: "keypad" }] : [];
}

/** @param {Call} call @param {string} rule @returns {Offer[]} */
function recording({ recording: now }, rule) {
  if (rule === "none") return [];
  const runs = now === "on" || now === "paused";
  const words = runs ? [now === "on" ? "pause" : "resume"] : rule === "all" ? [] : ["start"];
  if (runs && rule !== "all") words.push("stop");
  return words.map((word) => ({ does: `record ${word}`, label: say(`talk.record.${word}`), type: "record", fields: { word } }));
}

/** What is to be said of the talk besides that it is one. @param {Agent} agent @param {Call | undefined} call */
export function stageLabel(agent, call) {
  if (agent.state !== "talking" || !call) return "";
  if (call.number) return say("stage.dialling", { number: call.number });
  if (call.kind === "consult") return call.with_caller ? say("stage.asked.conference") : "";
  const party = partyLabel(call.consult);
  if (call.stage === "consulting") return say(call.consult?.answered ? "stage.consulting" : "stage.consulting.waits", { party });
  return call.stage === "held" || call.stage === "conference" ? say(`stage.${call.stage}`, { party }) : "";
}

export class TalkPanel {
  #drawnFor = "";
  #spoken = "";
  /** @type {Call | undefined} */ #call;

  /**
   * @param {import("./state.js").State} state
   * @param {import("./agent.js").Ask} ask
   * @param {import("./choose.js").Chooser} chooser
   */
  constructor(state, ask, chooser) {
    this.state = state;
    this.ask = ask;
    this.chooser = chooser;
    this.sign = icon("talking");
    this.stage = el("span", "stage-word");
    this.timer = el("span", "stage-time");
    this.line = el("p", "stage", this.sign, this.stage, this.timer);
    this.recording = el("p", "recording");
    this.ended = el("p", "ended");
    this.row = el("div", "talk-buttons");
    this.keypad = new Keypad((digits) => this.#do({ does: "digits", label: "", type: "digits", fields: { digits } }));
    this.problem = el("p", "problem");
    this.problem.setAttribute("role", "alert");
    const head = el("div", "talk-head", this.line, this.recording);
    this.node = el("section", "panel talk", head, this.ended, this.row, this.keypad.node, this.problem);
  }

  relabel() {
    this.#drawnFor = "";
    this.node.setAttribute("aria-label", say("talk.title"));
    setText(this.problem, "");
    this.keypad.relabel();
  }

  /** @param {import("./agent.js").Mine} mine */
  draw({ agent, call }) {
    this.#call = call;
    const made = offers(agent, call, this.state.groups.get(call?.group ?? "")?.recording ?? "none");
    const stage = stageLabel(agent, call);
    this.node.hidden = agent.state !== "ringing" && agent.state !== "talking";
    this.#show(stage, call);
    this.#offer(made, `${agent.state} ${call?.call}`);
    this.chooser.keep(made.map((offer) => offer.opens ?? ""));
    this.tick(serverNow());
  }

  /** @param {string} stage @param {Call | undefined} call */
  #show(stage, call) {
    this.line.hidden = !stage;
    setText(this.stage, stage);
    setAttribute(this.line, "data-stage", call?.stage ?? "");
    const { recording = null, recording_failed = "" } = call ?? {};
    const words = recording_failed
      ? say("talk.recording.failed", { why: recording_failed })
      : recording && recording !== "off" ? say(`talk.recording.${recording}`) : "";
    setText(this.recording, words);
    setAttribute(this.recording, "data-recording", recording_failed ? "failed" : recording ?? "off");
    const over = call?.ended ? say("talk.ended", { party: partyLabel(call.ended.consult), why: endedLabel(call.ended.why) }) : "";
    setText(this.ended, over);
    this.#speak([stage, words, over].filter(Boolean).join(". "));
  }

  /** What has changed is said once to those who don't see it. @param {string} words */
  #speak(words) {
    if (words && words !== this.#spoken) speak(words);
    this.#spoken = words;
  }

  /**
   * Made anew only when others are to be offered, so that none moves away from under the mouse or loses focus.
   * @param {Offer[]} made
   * @param {string} about
   */
  #offer(made, about) {
    const drawn = [about, ...made.map((offer) => `${offer.does} ${offer.label}`)].join("|");
    if (drawn === this.#drawnFor) return;
    this.#drawnFor = drawn;
    setText(this.problem, "");
    const focused = document.activeElement instanceof HTMLElement && this.row.contains(document.activeElement);
    const had = focused ? /** @type {HTMLElement} */ (document.activeElement).dataset.does : null;
    this.row.replaceChildren(...made.map((offer) => this.#button(offer)));
    if (!made.some((offer) => offer.opens === "keypad")) this.keypad.close();
    this.#markKeypad();
    if (!focused) return;
    const same = [...this.row.children].find((each) => each.dataset.does === had);
    (same ?? this.row.firstElementChild)?.focus();
  }

  /** @param {Offer} offer */
  #button(offer) {
    const made = button(offer.primary ? "primary" : "", offer.label, () => this.#choose(offer, made));
    made.dataset.does = offer.does;
    if (offer.opens === "consult" || offer.opens === "transfer") made.setAttribute("aria-haspopup", "dialog");
    return made;
  }

  /** @param {Offer} offer @param {HTMLElement} from */
  #choose(offer, from) {
    if (offer.opens === "keypad") {
      this.keypad.toggle();
      this.#markKeypad();
    } else if (offer.opens) this.chooser.open(offer.opens, from);
    else void this.#do(offer);
  }

  #markKeypad() {
    const opener = this.row.querySelector('[data-does="digits"]');
    if (opener) setAttribute(opener, "aria-expanded", String(!this.keypad.node.hidden));
  }

  /** @param {Offer} offer */
  async #do({ type = "", fields = {} }) {
    setText(this.problem, "");
    this.node.setAttribute("aria-busy", "true");
    const answer = await this.ask(type, fields);
    this.node.removeAttribute("aria-busy");
    if (!answer.ok) setText(this.problem, problemLabel(answer.error));
    return answer.ok;
  }

  /** @param {number} now */
  tick(now) {
    const since = this.#call?.stage_since ?? null;
    setText(this.timer, since === null || this.#call?.number ? "" : duration(now - since));
  }
}

/** Twelve keys; a keyboard's digits work as well while one of them has the focus. */
class Keypad {
  #sent = "";

  /** @param {(digits: string) => Promise<boolean>} send */
  constructor(send) {
    this.send = send;
    this.keys = el("div", "keys");
    this.sent = el("output", "keys-sent");
    this.node = el("div", "keypad", this.keys, this.sent);
    this.node.hidden = true;
    this.node.onkeydown = (/** @type {KeyboardEvent} */ event) => {
      const key = event.key.toUpperCase();
      if (event.ctrlKey || event.altKey || event.metaKey || !/^[0-9*#A-D]$/.test(key)) return;
      event.preventDefault();
      void this.#press(key);
    };
    this.keys.append(...KEYS.map((key) => button("key", key, () => void this.#press(key))));
  }

  relabel() {
    this.keys.setAttribute("role", "group");
    this.keys.setAttribute("aria-label", say("talk.digits"));
    this.#show();
  }

  toggle() {
    if (!this.node.hidden) return this.close();
    this.node.hidden = false;
    this.keys.firstElementChild?.focus();
  }

  close() {
    this.node.hidden = true;
    this.#sent = "";
    this.#show();
  }

  /** @param {string} key */
  async #press(key) {
    if (!(await this.send(key))) return;
    this.#sent = (this.#sent + key).slice(-SENT_MAX);
    this.#show();
  }

  #show() {
    setText(this.sent, this.#sent ? say("talk.keypad.sent", { digits: this.#sent }) : "");
  }
}
