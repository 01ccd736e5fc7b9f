/* A form being filled: an ODK XForm, its rules applied to the answers. Nothing here draws.

   The answers are the XForm's own instance, an XML document: what is kept on the phone and what is sent are the same
   text, so a draft can be opened by any later version of the app. */

import { evaluate, numberText, text, truth } from "./xpath.js";

const XF = "http://www.w3.org/2002/xforms";
const JR = "http://openrosa.org/javarosa";
const ORX = "http://openrosa.org/xforms";
const ODK = "http://www.opendatakit.org/xforms";
const PASSES_MAX = 12;
const ROWS_MAX = 1000;
const CONTROLS = new Set(["input", "select", "select1", "upload", "trigger", "range", "rank", "group", "repeat"]);
const DIGITS = { "٠": 0, "١": 1, "٢": 2, "٣": 3, "٤": 4, "٥": 5, "٦": 6, "٧": 7, "٨": 8, "٩": 9, "۰": 0, "۱": 1, "۲": 2, "۳": 3, "۴": 4, "۵": 5, "۶": 6, "۷": 7, "۸": 8, "۹": 9, "٫": ".", "٬": "" };

export class FormUnreadable extends Error {}

const children = (node, name, space = XF) => [...(node ? node.children : [])].filter((one) => one.localName === name && (!space || one.namespaceURI === space));
const child = (node, name, space = XF) => children(node, name, space)[0] || null;

/** Digits of other scripts as 0 to 9. */
export function plainDigits(said) { return said.replace(/[٠-٩۰-۹٫٬]/g, (one) => DIGITS[one]); }

function parsed(xml) {
  const doc = new DOMParser().parseFromString(xml, "text/xml");
  if (doc.querySelector("parsererror")) { throw new FormUnreadable("not XML"); }
  return doc;
}

/** "jr://images/house.png" is the file house.png. */
function fileName(address) { return address.trim().replace(/^jr:\/\/[^/]+\//, ""); }

function isAbsolute(path) { return path.startsWith("/"); }

export class Form {
  /** `xml`: the XForm. `lists`: texts of attached lists by name (`crops.csv`). */
  constructor(xml, { lists = {}, language = "en", today, now, property = () => "" } = {}) {
    this.doc = parsed(xml);
    const html = this.doc.documentElement;
    const model = html.getElementsByTagNameNS(XF, "model")[0];
    this.body = [...html.children].find((one) => one.localName === "body");
    if (!model || !this.body) { throw new FormUnreadable("no model or no body"); }
    this.title = (html.getElementsByTagName("h:title")[0] || html.querySelector("title") || {}).textContent || "";
    this.model = model;
    this.blank = child(child(model, "instance"), "*", null) || child(model, "instance").firstElementChild;
    this.id = this.blank.getAttribute("id") || "";
    this.version = this.blank.getAttribute("version") || "";
    this.binds = new Map(children(model, "bind").map((one) => [one.getAttribute("nodeset"), this.bind(one)]));
    this.readLanguages();
    this.speak(language);
    this.setvalues = [...this.doc.getElementsByTagNameNS(XF, "setvalue")];
    this.controls = this.readControls(this.body, "");
    this.byPath = new Map();
    this.index(this.controls);
    this.templates = new Map();
    this.setting = {
      root: null, instances: {}, today, now, property, version: this.version, language,
      isAsked: (node) => !this.silent.has(node),
      itext: (id) => this.itext(id, null),
      choiceName: (path, value, node) => this.choiceName(path, value, node),
    };
    this.silent = new Set();
    this.readLists(lists);
  }

  // The definition -------------------------------------------------------------------------------------------

  bind(node) {
    const said = (name, space) => (space ? node.getAttributeNS(space, name) : node.getAttribute(name)) || "";
    return {
      path: said("nodeset"), type: said("type").replace(/^.*:/, "") || "string", relevant: said("relevant"), required: said("required"),
      readonly: said("readonly"), constraint: said("constraint"), calculate: said("calculate"), preload: said("preload", JR),
      preloadParams: said("preloadParams", JR), constraintMsg: said("constraintMsg", JR), requiredMsg: said("requiredMsg", JR), pixels: Number(said("max-pixels", ORX)) || 0,
    };
  }

  readLanguages() {
    this.words = new Map();
    const itext = child(this.model, "itext");
    for (const one of children(itext, "translation")) {
      const texts = new Map();
      for (const each of children(one, "text")) { texts.set(each.getAttribute("id"), children(each, "value")); }
      this.words.set(one.getAttribute("lang"), texts);
      if (one.hasAttribute("default")) { this.firstLanguage = one.getAttribute("lang"); }
    }
    this.languages = [...this.words.keys()];
  }

  /** The texts in the reader's language where the form has them, else in its own first one. */
  speak(language) {
    const codeOf = (said) => (/\(([\w-]+)\)\s*$/.exec(said) || [null, said])[1].toLowerCase();
    this.language = this.languages.find((one) => codeOf(one) === language)
      || this.languages.find((one) => codeOf(one).startsWith(language)) || this.firstLanguage || this.languages[0] || "";
    this.languageCode = codeOf(this.language || language);
    if (this.setting) { this.setting.language = language; }
  }

  itextValue(id, form) {
    for (const language of [this.language, this.firstLanguage, ...this.languages]) {
      const values = this.words.get(language)?.get(id);
      const found = values && values.find((one) => (one.getAttribute("form") || null) === form);
      if (found && (found.textContent.trim() || found.children.length)) { return found; }
    }
    return null;
  }

  itext(id, form) { const found = this.itextValue(id, form); return found ? found.textContent : ""; }

  readControls(parent, above) {
    const found = [];
    for (const node of parent.children) {
      if (!CONTROLS.has(node.localName) || (node.namespaceURI !== XF && node.namespaceURI !== ODK)) { continue; }
      const kind = node.localName;
      const said = node.getAttribute("nodeset") || node.getAttribute("ref") || node.getAttribute("bind") || "";
      const path = said && !isAbsolute(said) ? `${above}/${said}` : said;
      const control = {
        kind, path, node, label: child(node, "label"), hint: child(node, "hint"), appearance: node.getAttribute("appearance") || "",
        media: node.getAttribute("mediatype") || "", parameters: node,
      };
      if (kind === "group" || kind === "repeat") { control.children = this.readControls(node, path || above); }
      if (kind === "repeat") {
        control.count = node.getAttributeNS(JR, "count") || "";
        control.isFixed = Boolean(control.count) || node.getAttributeNS(JR, "noAddRemove") === "true()";
      }
      const itemset = child(node, "itemset");
      control.items = children(node, "item").map((one) => ({ value: (child(one, "value") || {}).textContent || "", label: child(one, "label") }));
      control.itemset = itemset && {
        nodeset: itemset.getAttribute("nodeset"), value: (child(itemset, "value") || itemset).getAttribute("ref"),
        label: (child(itemset, "label") || itemset).getAttribute("ref") || "",
      };
      found.push(control);
    }
    return found;
  }

  index(list) { for (const one of list) { if (one.path && one.kind !== "group") { this.byPath.set(one.path, one); } if (one.children) { this.index(one.children); } } }

  readLists(lists) {
    for (const one of children(this.model, "instance").slice(1)) {
      const doc = document.implementation.createDocument(null, null);
      const src = one.getAttribute("src");
      if (!src && one.firstElementChild) { doc.appendChild(doc.importNode(one.firstElementChild, true)); }
      else { doc.appendChild(listOf(doc, lists[(src || "").replace(/^jr:\/\/[^/]+\//, "")] || "")); }
      this.setting.instances[one.getAttribute("id")] = doc.documentElement;
    }
  }

  // Beginning and going on -----------------------------------------------------------------------------------

  /** A new filling, or (with `xml`) one that was begun before, under this or an older version of the form. */
  open(xml = "") {
    const doc = document.implementation.createDocument(null, null);
    doc.appendChild(doc.importNode(this.blank, true));
    this.setting.root = this.root = doc;
    this.takeTemplates();
    if (xml) { this.takeAnswers(parsed(xml).documentElement); } else { this.begin(); }
    this.recompute();
  }

  takeTemplates() {
    for (const control of this.byPath.values()) {
      if (control.kind !== "repeat") { continue; }
      const all = this.nodes(control.path);
      const template = all.find((one) => one.hasAttributeNS(JR, "template")) || all[0];
      if (!template) { continue; }
      const copy = template.cloneNode(true);
      copy.removeAttributeNS(JR, "template");
      this.templates.set(control.path, { node: copy, parent: control.path.slice(0, control.path.lastIndexOf("/")) });
    }
    for (const one of [...this.root.getElementsByTagName("*")]) { if (one.hasAttributeNS(JR, "template")) { one.remove(); } }
    for (const { node } of this.templates.values()) { for (const one of [...node.getElementsByTagName("*")]) { if (one.hasAttributeNS(JR, "template")) { one.remove(); } } }
  }

  begin() {
    for (const bind of this.binds.values()) { for (const node of this.nodes(bind.path)) { this.preload(bind, node); } }
    this.run("odk-instance-first-load", this.root.documentElement);
  }

  preload(bind, node) {
    if (!bind.preload || bind.preload === "uid") { return; }
    const now = this.setting.now();
    const values = { date: () => this.setting.today(), timestamp: () => (bind.preloadParams === "start" ? now : ""), property: () => this.setting.property(bind.preloadParams), context: () => "" };
    const value = values[bind.preload]?.();
    if (value && !node.textContent) { node.textContent = value; }
  }

  run(event, inside) {
    for (const one of this.setvalues) {
      if (!(one.getAttribute("event") || "").split(/\s+/).includes(event) || one.parentNode !== this.model) { continue; }
      for (const node of this.nodes(one.getAttribute("ref"))) { if (inside.contains(node)) { this.setFrom(one, node); } }
    }
    for (const one of this.setvalues) {  // those of repeats stand in the body
      if (one.parentNode === this.model || !(one.getAttribute("event") || "").split(/\s+/).includes(event)) { continue; }
      for (const node of this.nodes(one.getAttribute("ref"))) { if (inside.contains(node)) { this.setFrom(one, node); } }
    }
  }

  setFrom(setvalue, node) {
    const said = setvalue.getAttribute("value");
    node.textContent = said ? text(this.ask(said, node)) : setvalue.textContent;
  }

  /** Answers of an earlier filling go where their questions stand now; what has no place any more is kept aside. */
  takeAnswers(old) {
    const missing = [];
    const take = (from, to, path) => {
      const seen = new Map();
      for (const one of [...from.children]) {
        const here = `${path}/${one.localName}`;
        const rows = [...to.children].filter((each) => each.localName === one.localName);
        const number = seen.get(one.localName) || 0;
        seen.set(one.localName, number + 1);
        let place = rows[number];
        if (!place && this.templates.has(here)) { place = this.insertRow(to, here); }
        if (!place && one.namespaceURI === ORX) { place = to.appendChild(this.root.importNode(one, true)); }
        if (!place) { if (one.textContent.trim()) { missing.push(here); } continue; }
        if (one.children.length) { take(one, place, here); } else if (!place.children.length) { place.textContent = one.textContent; }
      }
      for (const [name, count] of seen) {  // fewer rows than a new form begins with
        if (!this.templates.has(`${path}/${name}`)) { continue; }
        [...to.children].filter((each) => each.localName === name).slice(count).forEach((each) => each.remove());
      }
      for (const key of this.templates.keys()) {
        const name = key.slice(key.lastIndexOf("/") + 1);
        if (key === `${path}/${name}` && !seen.has(name)) { [...to.children].filter((each) => each.localName === name).forEach((each) => each.remove()); }
      }
    };
    take(old, this.root.documentElement, `/${this.root.documentElement.localName}`);
    this.missing = missing;
  }

  // Finding --------------------------------------------------------------------------------------------------

  /** All nodes at an absolute path, through every row of every repeat. */
  nodes(path, inside = null) {
    const names = path.split("/").slice(1).map((one) => one.replace(/^.*:/, ""));
    let found = this.root.documentElement.localName === names[0] ? [this.root.documentElement] : [];
    for (const name of names.slice(1)) { found = found.flatMap((node) => [...node.children].filter((one) => one.localName === name)); }
    return inside ? found.filter((one) => inside.contains(one)) : found;
  }

  /** The node of a question in the row that `context` stands in. */
  near(path, context) {
    const all = this.nodes(path);
    for (let up = context; up; up = up.parentElement) { const here = all.find((one) => up.contains(one)); if (here) { return here; } }
    return all[0] || null;
  }

  ask(expression, node) { return evaluate(expression, node, this.setting); }

  isTrue(expression, node) {
    if (!expression || expression === "false()") { return false; }
    if (expression === "true()") { return true; }
    return truth(this.ask(expression, node));
  }

  bindOf(path) { return this.binds.get(path) || NO_BIND; }

  pathOf(node) { const names = []; for (let up = node; up && up.nodeType === 1; up = up.parentNode) { names.unshift(up.localName); } return `/${names.join("/")}`; }

  /** Where an answer stands, as the server names it: `members.0.given_name`. */
  nameOf(node) {
    const names = [];
    for (let up = node; up && up !== this.root.documentElement; up = up.parentNode) {
      const path = this.pathOf(up);
      if (this.templates.has(path)) { names.unshift(up.localName, String([...up.parentNode.children].filter((one) => one.localName === up.localName).indexOf(up))); }
      else if (up === node) { names.unshift(up.localName); }
    }
    return names.join(".");
  }

  // Rules ----------------------------------------------------------------------------------------------------

  /** What is asked, how many rows, what is calculated: until nothing changes. */
  recompute() {
    this.faults = [];
    for (let pass = 0; pass < PASSES_MAX; pass += 1) {
      const before = this.silent;
      this.silent = new Set();
      let changed = this.countRows();
      for (const bind of this.binds.values()) {
        if (!bind.relevant || bind.relevant === "true()") { continue; }
        for (const node of this.nodes(bind.path)) {
          if (!this.isAsked(node)) { continue; }
          if (!this.safely(() => this.isTrue(bind.relevant, node), true, bind)) { this.silent.add(node); }
        }
      }
      for (const bind of this.binds.values()) {
        if (!bind.calculate) { continue; }
        for (const node of this.nodes(bind.path)) {
          const value = this.isAsked(node) ? this.safely(() => this.calculated(bind, node), node.textContent, bind) : "";
          if (value !== node.textContent) { node.textContent = value; changed = true; }
        }
      }
      if (!changed && before.size === this.silent.size && [...before].every((one) => this.silent.has(one))) { return; }
    }
  }

  calculated(bind, node) {
    const value = this.ask(bind.calculate, node);
    if (typeof value === "number") { return Number.isFinite(value) ? numberText(value) : ""; }
    if (typeof value === "boolean") { return String(value); }
    return text(value);
  }

  safely(act, otherwise, bind) {
    try { return act(); } catch (error) { this.faults.push(`${bind.path}: ${error.message}`); return otherwise; }
  }

  countRows() {
    let changed = false;
    for (const control of this.byPath.values()) {
      if (control.kind !== "repeat" || !control.count) { continue; }
      const { parent } = this.templates.get(control.path) || {};
      for (const holder of parent ? this.nodes(parent) : []) {
        const wanted = Math.max(0, Math.min(ROWS_MAX, Math.trunc(Number(text(this.safely(() => this.ask(control.count, holder), 0, control))) || 0)));
        const name = control.path.slice(control.path.lastIndexOf("/") + 1);
        const rows = [...holder.children].filter((one) => one.localName === name);
        for (let number = rows.length; number < wanted; number += 1) { this.addRow(control, holder); changed = true; }
        rows.slice(wanted).forEach((one) => { one.remove(); changed = true; });
      }
    }
    return changed;
  }

  isAsked(node) { for (let up = node; up && up.nodeType === 1; up = up.parentNode) { if (this.silent.has(up)) { return false; } } return true; }

  insertRow(holder, path) {
    const row = this.root.importNode(this.templates.get(path).node, true);
    const same = [...holder.children].filter((one) => one.localName === row.localName);
    const order = [...(this.blankAt(holder) || { children: [] }).children].map((one) => one.localName);
    const after = same[same.length - 1] || [...holder.children].filter((one) => order.indexOf(one.localName) < order.indexOf(row.localName)).pop();
    holder.insertBefore(row, after ? after.nextElementSibling : holder.firstElementChild);
    return row;
  }

  blankAt(holder) {
    const names = this.pathOf(holder).split("/").slice(2);
    return names.reduce((node, name) => node && [...node.children].find((one) => one.localName === name), this.blank);
  }

  addRow(control, holder) {
    const row = this.insertRow(holder, control.path);
    for (const bind of this.binds.values()) { if (bind.path.startsWith(`${control.path}/`)) { for (const node of this.nodes(bind.path, row)) { this.preload(bind, node); } } }
    this.run("odk-new-repeat", row);
    return row;
  }

  removeRow(row) { row.remove(); }

  set(node, value, control = null) {
    node.textContent = value;
    for (const one of control ? children(control.node, "setvalue") : []) {
      const target = this.near(one.getAttribute("ref"), node);
      if (target) { this.setFrom(one, target); }
    }
    this.recompute();
  }

  // Words ----------------------------------------------------------------------------------------------------

  /** A label or hint with the answers it repeats. */
  labelText(label, context) {
    if (!label) { return ""; }
    const ref = label.getAttribute("ref") || "";
    const id = /^jr:itext\(\s*(['"])(.*)\1\s*\)$/.exec(ref);
    if (id) { return this.withOutputs(this.itextValue(id[2], null), context); }
    if (/^jr:itext\(/.test(ref)) { return this.itext(text(this.ask(ref.slice(9, -1), context)), null); }
    return ref ? text(this.ask(ref, context)) : this.withOutputs(label, context);
  }

  /** The name of a recording or picture that goes with a label, or nothing. */
  labelMedia(label, form) {
    const id = /^jr:itext\(\s*(['"])(.*)\1\s*\)$/.exec(label?.getAttribute("ref") || "");
    return id ? fileName(this.itext(id[2], form)) : "";
  }

  withOutputs(node, context) {
    if (!node) { return ""; }
    return [...node.childNodes].map((one) => (one.localName === "output" ? this.safely(() => text(this.ask(one.getAttribute("value") || one.getAttribute("ref"), context)), "", { path: "output" }) : one.textContent)).join("").replace(/\s+/g, " ").trim();
  }

  message(said, context) {
    const id = /^jr:itext\(\s*(['"])(.*)\1\s*\)$/.exec(said || "");
    return id ? this.withOutputs(this.itextValue(id[2], null), context) : said || "";
  }

  choices(control, context) {
    if (!control.itemset) { return control.items.map((one) => ({ value: one.value, label: this.labelText(one.label, context) || one.value, image: this.labelMedia(one.label, "image") })); }
    const { nodeset, value, label } = control.itemset;
    return this.safely(() => this.ask(nodeset, context), [], control).map((item) => {
      const id = /^jr:itext\((.*)\)$/.exec(label);
      const name = id && text(this.ask(id[1], item));
      const words = id ? this.withOutputs(this.itextValue(name, null), item) : text(this.ask(label || value, item));
      return { value: text(this.ask(value, item)), label: words || text(this.ask(value, item)), image: id ? fileName(this.itext(name, "image")) : "" };
    });
  }

  choiceName(path, value, node) {
    const control = this.byPath.get(path.trim());
    return control ? (this.choices(control, this.near(control.path, node) || node).find((one) => one.value === value) || { label: value }).label : value;
  }

  // Judging --------------------------------------------------------------------------------------------------

  /** What stands in the way of sending: [{node, path, code, words}], in the order of the questions. */
  problems() {
    const found = [];
    for (const node of this.root.documentElement.getElementsByTagName("*")) {
      const path = this.pathOf(node);
      const bind = this.binds.get(path);
      const control = this.byPath.get(path);
      if (!bind || !control || !this.isAsked(node) || control.children) { continue; }
      const value = node.textContent.trim();
      const say = (code, words) => found.push({ node, path, name: this.nameOf(node), code, words });
      if (value === "") {
        if (this.safely(() => this.isTrue(bind.required, node), false, bind)) { say("required", this.message(bind.requiredMsg, node)); }
      } else if (!isOfType(bind.type, value)) { say(bind.type === "date" ? "date" : "number", ""); }
      else if (bind.constraint && !this.safely(() => this.isTrue(bind.constraint, node), true, bind)) { say("constraint", this.message(bind.constraintMsg, node)); }
    }
    return found;
  }

  /** The instance as it is kept (everything) or sent (`isFinal`: what is not asked is left out, the end is noted). */
  xml({ isFinal = false } = {}) {
    if (isFinal) {
      for (const bind of this.binds.values()) {
        if (bind.preload === "timestamp" && bind.preloadParams === "end") { this.nodes(bind.path).forEach((one) => { one.textContent = this.setting.now(); }); }
      }
      this.recompute();
    }
    const copy = this.root.cloneNode(true);
    if (isFinal) {
      const all = [...this.root.getElementsByTagName("*")];
      [...copy.getElementsByTagName("*")].filter((_one, number) => this.silent.has(all[number])).forEach((one) => one.remove());
    }
    return new XMLSerializer().serializeToString(copy);
  }

  get instanceId() { return this.meta("instanceID"); }

  /** Names this filling; `old` is the one that it mends. */
  name(id, old = "") {
    this.meta("instanceID", id);
    if (old) { this.meta("deprecatedID", old); }
  }

  meta(name, value) {
    const root = this.root.documentElement;
    let meta = [...root.children].find((one) => one.localName === "meta");
    if (!meta) { meta = root.appendChild(this.root.createElementNS(ORX, "orx:meta")); }
    let node = [...meta.children].find((one) => one.localName === name);
    if (value !== undefined) {
      if (!node) { node = meta.appendChild(this.root.createElementNS(meta.namespaceURI, meta.prefix ? `${meta.prefix}:${name}` : name)); }
      node.textContent = value;
    }
    return node ? node.textContent : "";
  }

  /** The names of the files that the answers speak of. */
  fileNames() {
    const found = new Set();
    for (const control of this.byPath.values()) {
      if (control.kind !== "upload") { continue; }
      for (const node of this.nodes(control.path)) { if (node.textContent && this.isAsked(node)) { found.add(node.textContent); } }
    }
    return found;
  }
}

const NO_BIND = { path: "", type: "string", relevant: "", required: "", readonly: "", constraint: "", calculate: "", preload: "", preloadParams: "", constraintMsg: "", requiredMsg: "" };

export function isOfType(type, value) {
  switch (type) {
    case "int": case "integer": return /^[+-]?\d{1,18}$/.test(value);
    case "decimal": return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value);
    case "date": { const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value); if (!day) { return false; } const made = new Date(Date.UTC(+day[1], +day[2] - 1, +day[3])); return made.getUTCMonth() === +day[2] - 1 && made.getUTCDate() === +day[3]; }
    case "time": return /^([01]?\d|2[0-3]):[0-5]\d/.test(value);
    default: return true;
  }
}

/** A list from a spreadsheet (CSV) as items, as pulldata() and instance() want them. */
function listOf(doc, csv) {
  const root = doc.createElement("root");
  if (csv.trimStart().startsWith("<")) { return doc.importNode(parsed(csv).documentElement, true); }
  const [head, ...rows] = csvRows(csv);
  for (const row of rows) {
    const item = root.appendChild(doc.createElement("item"));
    (head || []).forEach((name, at) => { if (/^[A-Za-z_][\w.-]*$/.test(name)) { item.appendChild(doc.createElement(name)).textContent = row[at] || ""; } });
  }
  return root;
}

function csvRows(csv) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let at = 0; at < csv.length; at += 1) {
    const one = csv[at];
    if (quoted) { if (one === '"' && csv[at + 1] === '"') { cell += '"'; at += 1; } else if (one === '"') { quoted = false; } else { cell += one; } }
    else if (one === '"') { quoted = true; }
    else if (one === ",") { row.push(cell); cell = ""; }
    else if (one === "\n") { row.push(cell.replace(/\r$/, "")); rows.push(row); row = []; cell = ""; }
    else { cell += one; }
  }
  if (cell || row.length) { row.push(cell); rows.push(row); }
  return rows;
}
