/** The log-in form. It remembers the user's name until the tab is closed, and never the password. */

import { byId, setText } from "./dom.js";
import { say, sayOr } from "./words.js";

const REMEMBERED = "switchyard.user";

export class LoginForm {
  /** @type {?import("./connection.js").Problem} */ #problem = null;
  /** @type {Record<string, string>} */ #values = {};
  #busy = false;

  /**
   * @param {(user: string, password: string) => void} logIn
   * @param {() => void} takeOver the same again, ending the user's other session
   */
  constructor(logIn, takeOver) {
    this.user = /** @type {HTMLInputElement} */ (byId("user"));
    this.password = /** @type {HTMLInputElement} */ (byId("password"));
    this.logIn = logIn;
    this.user.value = sessionStorage.getItem(REMEMBERED) ?? "";
    byId("login-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.remember(this.user.value);
      this.logIn(this.user.value, this.password.value);
    });
    byId("login-take-over").addEventListener("click", takeOver);
  }

  /** @param {string} user */
  remember(user) {
    this.user.value = user;
    sessionStorage.setItem(REMEMBERED, user);
  }

  focus() {
    (this.user.value ? this.password : this.user).focus();
  }

  /**
   * @param {import("./connection.js").Status} status
   * @param {boolean} open whether the form is what is shown
   */
  show(status, open) {
    this.#busy = status.phase === "connecting";
    if (status.phase === "live") this.password.value = "";
    if (status.phase === "lost" && open) this.#problem = { code: "unreachable", message: "" };
    if (status.phase === "connecting") this.#problem = null;
    this.relabel();
  }

  /**
   * @param {?import("./connection.js").Problem} problem
   * @param {Record<string, string>} values for the problem's words
   */
  problem(problem, values) {
    [this.#problem, this.#values] = [problem, values];
    this.relabel();
    if (problem?.code === "wrong-password") this.password.select();
  }

  relabel() {
    const problem = this.#problem;
    const submit = byId("login-submit");
    setText(submit, say(this.#busy ? "login.busy" : "login.submit"));
    submit.disabled = this.#busy;
    setText(byId("login-problem"), problem ? sayOr(`problem.${problem.code}`, problem.message, this.#values) : "");
    byId("login-take-over").hidden = problem?.code !== "already-logged-in";
  }
}
