/* Small pieces of page: elements, icons. Text is always text, so nothing that was typed becomes markup. */

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  plus: ["M12 5v14M5 12h14"], send: ["M12 16V4m0 0L7 9m5-5 5 5M4 16v4h16v-4"], home: ["M3 11l9-8 9 8v9a1 1 0 0 1-1 1h-5v-7H9v7H4a1 1 0 0 1-1-1z"],
  people: ["M9 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M2 21c0-4 3-6 7-6s7 2 7 6M16 4a4 4 0 0 1 0 8m3 9c0-3-1-5-3-6"], paper: ["M7 3h10a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2M9 8h6M9 12h6M9 16h4"],
  help: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17v.2"], offline: ["M2 8.5A15 15 0 0 1 12 5m10 3.5A15 15 0 0 0 17 6M6 13a9 9 0 0 1 4-2m8 2a9 9 0 0 0-3-1.7M12 19v.2M3 3l18 18"],
  online: ["M2 8.5a15 15 0 0 1 20 0M6 13a9 9 0 0 1 12 0M12 19v.2"], back: ["M14 6l-6 6 6 6"], sound: ["M4 9v6h4l5 4V5L8 9zm12 0c1.3 1.5 1.3 4.5 0 6m2.5-8.5c3 3 3 8 0 11"], money: ["M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6"],
};
const TURNED = new Set(["back", "sound"]);

export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  const said = { width: size, height: size, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(said)) { svg.setAttribute(key, value); }
  if (TURNED.has(name)) { svg.setAttribute("class", "flip"); }
  for (const one of SHAPES[name]) { const path = document.createElementNS(SVG, "path"); path.setAttribute("d", one); svg.append(path); }
  return svg;
}

/** An element: h("p.note", {dir: "auto"}, "words", other). Names that begin with "on" are listeners. */
export function h(what, said, ...inside) {
  const [name, ...classes] = what.split(".");
  const node = document.createElement(name || "div");
  if (classes.length) { node.className = classes.join(" "); }
  for (const [key, value] of Object.entries(said || {})) {
    if (value === undefined || value === null || value === false) { continue; }
    if (key.startsWith("on")) { node.addEventListener(key.slice(2), value); }
    else if (key === "value" || key === "checked" || key === "selected") { node[key] = value; if (key !== "value") { node.toggleAttribute(key, Boolean(value)); } }
    else { node.setAttribute(key, value === true ? "" : value); }
  }
  node.append(...inside.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== ""));
  return node;
}

export const wide = (words, act, name = "") => h("button.btn.wide", { type: "button", onclick: act }, name && icon(name), words);
export const quiet = (words, act, name = "") => h("button.btn.quiet.wide", { type: "button", onclick: act }, name && icon(name), words);
export const tag = (kind, words) => h(kind ? `span.tag.${kind}` : "span.tag", {}, words);
export const box = (kind, title, ...inside) => h(kind ? `div.box.${kind}` : "div.box", { role: kind === "bad" ? "alert" : "status" }, h("p.strong", {}, title), inside);
