/**
 * The little there is between us and the DOM. Text from outside gets in as text nodes only, never as markup.
 */

import { ICONS } from "./icons.js";

/**
 * The element with this id; the page is ours, so it is there.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export function el(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * A button; `does` gets the click.
 * @param {string} className
 * @param {string} label
 * @param {() => void} does
 * @returns {HTMLButtonElement}
 */
export function button(className, label, does) {
  const made = el("button", className, label);
  made.type = "button";
  made.addEventListener("click", does);
  return made;
}

/**
 * Touch the DOM only when the text is another one: most of what is drawn again hasn't changed.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {?string} value null takes the attribute away
 */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A sign beside the words that say the same, so it is hidden from screen readers.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/**
 * @param {SVGSVGElement} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  if (svg.firstElementChild) setAttribute(svg.firstElementChild, "d", ICONS[name] ?? "");
}

/**
 * Give `parent` exactly these children in this order, moving as few as possible.
 * @param {Element} parent
 * @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let cursor = parent.firstElementChild;
  for (const child of wanted) {
    if (child === cursor) cursor = cursor.nextElementSibling;
    else if (cursor && child === cursor.nextElementSibling) {
      // One row left its place: taking it out is one move, putting every other before it would be many.
      cursor.remove();
      cursor = child.nextElementSibling;
    } else parent.insertBefore(child, cursor);
  }
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
}

/**
 * Rows by key: each is made once, updated in place, and dropped when its key is gone.
 * @template T
 */
export class Rows {
  /** @type {Map<any, any>} */ #rows = new Map();

  /**
   * @param {Element} parent
   * @param {(key: any) => any} make a row: an object with `node`, and `update(item)`, and perhaps `tick(now)`
   */
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
  }

  /**
   * Show these items, in this order.
   * @param {[any, T][]} items key and item
   * @param {(key: any) => boolean} [dirty] which of the rows already made need an update
   */
  show(items, dirty = () => true) {
    const shown = new Set(items.map(([key]) => key));
    for (const key of [...this.#rows.keys()]) if (!shown.has(key)) this.#rows.delete(key);
    const nodes = items.map(([key, item]) => this.#row(key, item, dirty).node);
    arrange(this.parent, nodes);
  }

  /** @param {any} key @param {T} item @param {(key: any) => boolean} dirty */
  #row(key, item, dirty) {
    const known = this.#rows.get(key);
    const row = known ?? this.make(key);
    if (!known) this.#rows.set(key, row);
    if (!known || dirty(key)) row.update(item);
    return row;
  }

  /** @param {number} now */
  tick(now) {
    for (const row of this.#rows.values()) row.tick?.(now);
  }

  /** @param {any} key */
  get(key) {
    return this.#rows.get(key);
  }

  /** Make every row anew next time: the language has changed. */
  clear() {
    this.#rows.clear();
    this.parent.replaceChildren();
  }
}
