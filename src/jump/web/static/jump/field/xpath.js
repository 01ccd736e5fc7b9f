/* XPath 1.0 with the functions of XForms (https://getodk.github.io/xforms-spec/), answered over the answers of one
   form. It answers as the server does (evidence/definitions/xpath.py): an unanswered question is an empty text, a date
   counts as days since 1970 where a number is asked for, a question that is not asked is not there. */

export class BadExpression extends Error {}

const TOKEN = /\s*(?:(\d+(?:\.\d*)?|\.\d+)|("[^"]*"|'[^']*')|(\/\/|::|\.\.|!=|<=|>=|[()[\]@,|+\-*=<>/.$])|([A-Za-z_][\w.\-]*(?::[A-Za-z_*][\w.\-]*)?))/y;
const OPERATORS = new Set(["and", "or", "div", "mod"]);
const LEVELS = { or: 1, and: 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, div: 6, mod: 6 };
const DEPTH_MAX = 100;
const trees = new Map();

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    if (/^\s*$/.test(text.slice(TOKEN.lastIndex))) { break; }
    const at = TOKEN.lastIndex;
    const one = TOKEN.exec(text);
    if (!one) { throw new BadExpression(`${text}: unreadable at ${at}`); }
    if (one[1] !== undefined) { found.push({ kind: "number", value: Number(one[1]) }); }
    else if (one[2] !== undefined) { found.push({ kind: "text", value: one[2].slice(1, -1) }); }
    else if (one[3] !== undefined) { found.push({ kind: "sign", value: one[3] }); }
    else { found.push({ kind: "name", value: one[4] }); }
  }
  // After an operand, "*" and the names of operators are operators; elsewhere they are names.
  found.forEach((token, number) => {
    const before = found[number - 1];
    const operand = before && !before.operator && !(before.kind === "sign" && "(,[@|/=<>+-".includes(before.value[0]))
      && !(before.kind === "sign" && ["//", "::", "!=", "<=", ">="].includes(before.value));
    if (operand && (token.value === "*" || (token.kind === "name" && OPERATORS.has(token.value)))) { token.operator = true; }
  });
  return found;
}

class Reader {
  constructor(text) { this.text = text; this.list = tokens(text); this.at = 0; this.depth = 0; }

  is(value) { const one = this.list[this.at]; return Boolean(one) && one.kind === "sign" && !one.operator && one.value === value; }

  take(value) { if (this.is(value)) { this.at += 1; return true; } return false; }

  need(value) { if (!this.take(value)) { throw new BadExpression(`${this.text}: ${value} is missing`); } }

  whole() {
    const tree = this.expression(0);
    if (this.at < this.list.length) { throw new BadExpression(`${this.text}: too much at the end`); }
    return tree;
  }

  expression(level) {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) { throw new BadExpression("too deep"); }
    let left = this.unary();
    for (;;) {
      const one = this.list[this.at];
      const sign = one && (one.operator || (one.kind === "sign" && one.value in LEVELS && one.value !== "*")) ? one.value : "";
      if (!sign || LEVELS[sign] <= level) { break; }
      this.at += 1;
      left = { is: "binary", sign, left, right: this.expression(LEVELS[sign]) };
    }
    this.depth -= 1;
    return left;
  }

  unary() {
    if (this.take("-")) { return { is: "minus", of: this.unary() }; }
    let left = this.path();
    while (this.take("|")) { left = { is: "union", left, right: this.path() }; }
    return left;
  }

  path() {
    const one = this.list[this.at];
    if (!one) { throw new BadExpression(`${this.text}: ends too early`); }
    let start = null;
    const steps = [];
    if (one.kind === "number" || one.kind === "text") { this.at += 1; start = { is: "value", value: one.value }; }
    else if (this.take("(")) { start = this.expression(0); this.need(")"); }
    else if (one.kind === "name" && this.list[this.at + 1] && this.list[this.at + 1].value === "(" && this.list[this.at + 1].kind === "sign" && one.value !== "node" && one.value !== "text") {
      start = this.call(one.value);
    }
    if (start) {
      const tests = this.predicates();
      if (tests.length) { start = { is: "filter", of: start, tests }; }
      if (!this.is("/") && !this.is("//")) { return start; }
    } else if (this.is("/") || this.is("//")) {
      start = { is: "root" };
      if (this.is("/") && !this.step(true)) { this.at += 1; return start; }
    }
    if (!start) { steps.push(this.one()); }
    while (this.is("/") || this.is("//")) {
      if (this.take("//")) { steps.push({ axis: "below", name: "*", tests: [] }); } else { this.at += 1; }
      steps.push(this.one());
    }
    return { is: "path", start, steps };
  }

  step(after) {
    const one = this.list[this.at + (after ? 1 : 0)];
    return Boolean(one) && (one.kind === "name" || (one.kind === "sign" && ["..", ".", "@", "*"].includes(one.value)));
  }

  one() {
    if (this.take("..")) { return { axis: "parent", name: "*", tests: this.predicates() }; }
    if (this.take(".")) { return { axis: "self", name: "*", tests: this.predicates() }; }
    let axis = this.take("@") ? "attribute" : "child";
    let token = this.list[this.at];
    if (!token || !(token.kind === "name" || token.value === "*")) { throw new BadExpression(`${this.text}: a name is missing`); }
    this.at += 1;
    if (this.take("::")) {
      axis = { "descendant-or-self": "below", descendant: "below", parent: "parent", self: "self", child: "child", attribute: "attribute", ancestor: "above", "preceding-sibling": "before", "following-sibling": "after" }[token.value];
      if (!axis) { throw new BadExpression(`${token.value}:: is not known`); }
      token = this.list[this.at];
      this.at += 1;
    }
    let name = token.value;
    if ((name === "node" || name === "text") && this.take("(")) { this.need(")"); name = "*"; }
    return { axis, name: name.replace(/^.*:/, ""), tests: this.predicates() };
  }

  predicates() {
    const found = [];
    while (this.take("[")) { found.push(this.expression(0)); this.need("]"); }
    return found;
  }

  call(name) {
    this.at += 1;
    this.need("(");
    const given = [];
    if (!this.take(")")) {
      do { given.push(this.expression(0)); } while (this.take(","));
      this.need(")");
    }
    return { is: "call", name, given };
  }
}

export function parse(text) {
  if (!trees.has(text)) { trees.set(text, new Reader(text).whole()); }
  return trees.get(text);
}

// Values -----------------------------------------------------------------------------------------------------

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const NUMBER = /^\s*-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;
const MS_A_DAY = 86400000;

function textOfNode(node) { return node.nodeType === 2 ? node.value : node.textContent; }

export function text(value) {
  if (Array.isArray(value)) { return value.length ? textOfNode(value[0]) : ""; }
  if (typeof value === "number") { return numberText(value); }
  return String(value);
}

/** A number as an answer holds it: without the noise of binary fractions, NaN as nothing. */
export function numberText(value) {
  if (!Number.isFinite(value)) { return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"; }
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(15)));
}

export function number(value) {
  if (typeof value === "number") { return value; }
  if (typeof value === "boolean") { return value ? 1 : 0; }
  const words = text(value);
  if (NUMBER.test(words)) { return Number(words); }
  const moment = instant(words);
  return moment === null ? NaN : moment / MS_A_DAY;
}

function instant(words) {
  const day = DAY.exec(words);
  if (day) { return Date.UTC(+day[1], +day[2] - 1, +day[3]); }
  if (!INSTANT.test(words)) { return null; }
  const found = Date.parse(words);
  return Number.isNaN(found) ? null : found;
}

export function truth(value) {
  if (Array.isArray(value)) { return value.length > 0; }
  if (typeof value === "number") { return value !== 0 && !Number.isNaN(value); }
  return typeof value === "boolean" ? value : value !== "";
}

// Answering --------------------------------------------------------------------------------------------------

/** Answer an expression at a node. `setting`: root, instances, isAsked(node), today(), now(), choiceName(...), property(...) */
export function evaluate(expression, node, setting) {
  return answer(parse(expression), { node, at: 1, size: 1, start: node, setting });
}

function answer(tree, here) {
  switch (tree.is) {
    case "value": return tree.value;
    case "root": return [here.setting.root];
    case "minus": return -number(answer(tree.of, here));
    case "union": return [...new Set([...answer(tree.left, here), ...answer(tree.right, here)])];
    case "filter": return filtered(nodes(answer(tree.of, here)), tree.tests, here);
    case "path": return walk(tree, here);
    case "call": return call(tree, here);
    default: return binary(tree, here);
  }
}

function nodes(value) { if (!Array.isArray(value)) { throw new BadExpression("not a set of nodes"); } return value; }

function binary(tree, here) {
  if (tree.sign === "and") { return truth(answer(tree.left, here)) && truth(answer(tree.right, here)); }
  if (tree.sign === "or") { return truth(answer(tree.left, here)) || truth(answer(tree.right, here)); }
  const left = answer(tree.left, here);
  const right = answer(tree.right, here);
  switch (tree.sign) {
    case "+": return number(left) + number(right);
    case "-": return number(left) - number(right);
    case "*": return number(left) * number(right);
    case "div": return number(left) / number(right);
    case "mod": return number(left) % number(right);
    default: return compare(tree.sign, left, right);
  }
}

function compare(sign, left, right) {
  if (Array.isArray(left) && left.length > 1) { return left.some((one) => compare(sign, textOfNode(one), right)); }
  if (Array.isArray(right) && right.length > 1) { return right.some((one) => compare(sign, left, textOfNode(one))); }
  if (typeof left === "boolean" || typeof right === "boolean") { return signed(sign, Number(truth(left)), Number(truth(right))); }
  if (sign === "=" || sign === "!=") {
    const numeric = typeof left === "number" || typeof right === "number"
      || (NUMBER.test(text(left)) && NUMBER.test(text(right)) && number(left) === number(right));
    if (!numeric) { return (text(left) === text(right)) === (sign === "="); }
  }
  return signed(sign, number(left), number(right));
}

function signed(sign, left, right) {
  switch (sign) {
    case "=": return left === right;
    case "!=": return left !== right;
    case "<": return left < right;
    case "<=": return left <= right;
    case ">": return left > right;
    default: return left >= right;
  }
}

function walk(tree, here) {
  let found = tree.start ? (tree.start.is === "root" ? [here.setting.root] : nodes(answer(tree.start, here))) : [here.node];
  for (const step of tree.steps) {
    const next = new Set();
    for (const node of found) {
      for (const one of filtered(stepped(step, node, here), step.tests, here)) { next.add(one); }
    }
    found = [...next];
  }
  return found;
}

function stepped(step, node, here) {
  const named = (one) => step.name === "*" || one.localName === step.name;
  const asked = (one) => here.setting.isAsked(one);
  switch (step.axis) {
    case "self": return named(node) || node.nodeType === 9 ? [node] : [];
    case "parent": return node.parentNode ? [node.parentNode] : [];
    case "attribute": return [...(node.attributes || [])].filter(named);
    case "above": { const list = []; for (let up = node.parentElement; up; up = up.parentElement) { if (named(up)) { list.push(up); } } return list; }
    case "before": { const list = []; for (let one = node.previousElementSibling; one; one = one.previousElementSibling) { if (named(one) && asked(one)) { list.push(one); } } return list; }
    case "after": { const list = []; for (let one = node.nextElementSibling; one; one = one.nextElementSibling) { if (named(one) && asked(one)) { list.push(one); } } return list; }
    case "below": return [node, ...node.getElementsByTagName("*")].filter((one) => (one === node || named(one)) && asked(one));
    default: { const list = []; for (let one = node.firstElementChild; one; one = one.nextElementSibling) { if (named(one) && asked(one)) { list.push(one); } } return list; }
  }
}

function filtered(list, tests, here) {
  let found = list;
  for (const test of tests) {
    const size = found.length;
    found = found.filter((node, place) => {
      const value = answer(test, { ...here, node, at: place + 1, size });
      return typeof value === "number" ? value === place + 1 : truth(value);
    });
  }
  return found;
}

// Functions --------------------------------------------------------------------------------------------------

class Call {
  constructor(tree, here) { this.tree = tree; this.here = here; this.length = tree.given.length; }
  value(number_) {
    if (number_ >= this.length) { throw new BadExpression(`${this.tree.name}() wants more`); }
    return answer(this.tree.given[number_], this.here);
  }
  text(number_) { return text(this.value(number_)); }
  number(number_) { return number(this.value(number_)); }
  own() { return this.length ? this.text(0) : text([this.here.node]); }
  nodes(number_ = 0) { return nodes(this.value(number_)); }
  texts(start = 0) {
    const all = [];
    for (let one = start; one < this.length; one += 1) {
      const value = this.value(one);
      if (Array.isArray(value)) { all.push(...value.map(textOfNode)); } else { all.push(text(value)); }
    }
    return all;
  }
  numbers() { return this.texts().filter((one) => one.trim() !== "").map((one) => number(one)); }
}

const words = (one) => one.split(/\s+/).filter(Boolean);
const two = (one) => String(one).padStart(2, "0");

function localMoment(value) {
  const said = text(value);
  const day = DAY.exec(said);
  if (day) { return new Date(+day[1], +day[2] - 1, +day[3]); }
  if (NUMBER.test(said)) { const at = new Date(Number(said) * MS_A_DAY); return new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()); }
  const at = instant(said);
  return at === null ? null : new Date(at);
}

function formatted(one) {
  const moment = localMoment(one.value(0));
  if (!moment) { return ""; }
  const language = one.here.setting.language || "en";
  const parts = {
    "%Y": String(moment.getFullYear()).padStart(4, "0"), "%y": two(moment.getFullYear() % 100), "%m": two(moment.getMonth() + 1),
    "%n": String(moment.getMonth() + 1), "%d": two(moment.getDate()), "%e": String(moment.getDate()), "%H": two(moment.getHours()),
    "%h": String(moment.getHours()), "%M": two(moment.getMinutes()), "%S": two(moment.getSeconds()),
    "%3": String(moment.getMilliseconds()).padStart(3, "0"),
    "%b": moment.toLocaleDateString(language, { month: "short" }), "%a": moment.toLocaleDateString(language, { weekday: "short" }),
  };
  return one.text(1).replace(/%[A-Za-z3]/g, (sign) => parts[sign] ?? sign);
}

function isoDay(moment) { return `${String(moment.getFullYear()).padStart(4, "0")}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`; }

function indexed(one) {
  const wanted = [];
  for (let place = 1; place + 1 < one.length; place += 2) { wanted.push([one.nodes(place)[0], one.nodes(place), one.number(place + 1)]); }
  let inside = null;
  for (const [, list, position] of wanted) {
    const here = inside ? list.filter((node) => inside.contains(node)) : list;
    inside = here[position - 1];
    if (!inside) { return ""; }
  }
  return one.nodes(0).filter((node) => inside.contains(node)).slice(0, 1);
}

/** The nodes in an order that the seed gives, as ODK's clients and the server shuffle: Park-Miller, Fisher-Yates inside out. */
function shuffled(one) {
  const list = one.nodes(0), made = [];
  if (one.length < 2) { return list; }
  const said = Math.trunc(one.number(1));
  let seed = Number.isFinite(said) ? said % 2147483647 : 0;
  if (seed <= 0) { seed += 2147483646; }
  list.forEach((node, number) => {
    seed = (seed * 16807) % 2147483647;
    const other = Math.floor(((seed - 1) * (number + 1)) / 2147483646);
    if (other !== number) { made[number] = made[other]; }
    made[other] = node;
  });
  return made;
}

function rounded(value, places) {
  const scale = 10 ** places;
  return Number.isFinite(value) ? Math.floor(Number((value * scale).toPrecision(15)) + 0.5) / scale : value;
}

function positioned(one) {
  if (!one.length) { return one.here.at; }
  const node = one.nodes(0)[0];
  if (!node || !node.parentNode) { return NaN; }
  let place = 1;
  for (let before = node.previousElementSibling; before; before = before.previousElementSibling) { if (before.localName === node.localName) { place += 1; } }
  return place;
}

function checked(one, weighted) {
  const least = one.number(0), most = one.number(1);
  let sum = 0;
  for (let place = 2; place < one.length; place += weighted ? 2 : 1) { if (truth(one.value(place)) && one.text(place) !== "") { sum += weighted ? one.number(place + 1) : 1; } }
  return (least < 0 || sum >= least) && (most < 0 || sum <= most);
}

function pulled(one) {
  const [list, wanted, key] = [one.text(0), one.text(1), one.text(2)];
  const root = one.here.setting.instances[list.replace(/\.csv$/, "")];
  const value = one.text(3);
  for (const item of root ? root.children : []) {
    const child = [...item.children].find((each) => each.localName === key);
    if (child && child.textContent === value) { return [...item.children].filter((each) => each.localName === wanted).slice(0, 1); }
  }
  return "";
}

const EARTH_M = 6378100;

function points(value) {
  const said = Array.isArray(value) ? value.map(textOfNode).join(";") : text(value);
  return said.split(";").map((one) => one.trim().split(/\s+/).map(Number)).filter((one) => one.length > 1 && one.every((x) => !Number.isNaN(x)));
}

function metres([lat1, lon1], [lat2, lon2]) {
  const rad = Math.PI / 180;
  const a = Math.sin(((lat2 - lat1) * rad) / 2) ** 2 + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(a));
}

const FUNCTIONS = {
  "if": (c) => (truth(c.value(0)) ? c.value(1) : c.value(2)),
  coalesce: (c) => c.texts().find(Boolean) ?? "",
  once: (c) => text([c.here.node]) || c.value(0),
  selected: (c) => words(c.text(0)).includes(c.text(1).trim()),
  "selected-at": (c) => words(c.text(0))[c.number(1)] ?? "",
  "count-selected": (c) => words(c.text(0)).length,
  "count-non-empty": (c) => c.texts().filter(Boolean).length,
  "jr:choice-name": (c) => c.here.setting.choiceName(c.text(1), c.text(0), c.here.node),
  "jr:itext": (c) => c.here.setting.itext(c.text(0)),
  current: (c) => [c.here.start],
  instance: (c) => { const root = c.here.setting.instances[c.text(0)]; return root ? [root.parentNode || root] : []; },
  not: (c) => !truth(c.value(0)),
  "true": () => true,
  "false": () => false,
  boolean: (c) => truth(c.value(0)),
  "boolean-from-string": (c) => ["true", "1"].includes(c.text(0).trim().toLowerCase()),
  string: (c) => c.own(),
  number: (c) => (c.length ? c.number(0) : number([c.here.node])),
  int: (c) => Math.trunc(c.number(0)),
  floor: (c) => Math.floor(c.number(0)),
  ceiling: (c) => Math.ceil(c.number(0)),
  round: (c) => rounded(c.number(0), c.length > 1 ? c.number(1) : 0),
  abs: (c) => Math.abs(c.number(0)),
  pow: (c) => c.number(0) ** c.number(1),
  sqrt: (c) => Math.sqrt(c.number(0)),
  log: (c) => Math.log(c.number(0)),
  log10: (c) => Math.log10(c.number(0)),
  exp: (c) => Math.exp(c.number(0)),
  exp10: (c) => 10 ** c.number(0),
  sin: (c) => Math.sin(c.number(0)),
  cos: (c) => Math.cos(c.number(0)),
  tan: (c) => Math.tan(c.number(0)),
  asin: (c) => Math.asin(c.number(0)),
  acos: (c) => Math.acos(c.number(0)),
  atan: (c) => Math.atan(c.number(0)),
  atan2: (c) => Math.atan2(c.number(0), c.number(1)),
  pi: () => Math.PI,
  count: (c) => c.nodes().length,
  sum: (c) => c.numbers().reduce((sum, one) => sum + one, 0),
  min: (c) => { const all = c.numbers(); return all.length ? Math.min(...all) : NaN; },
  max: (c) => { const all = c.numbers(); return all.length ? Math.max(...all) : NaN; },
  position: positioned,
  last: (c) => c.here.size,
  concat: (c) => c.texts().join(""),
  join: (c) => c.texts(1).join(c.text(0)),
  contains: (c) => c.text(0).includes(c.text(1)),
  "starts-with": (c) => c.text(0).startsWith(c.text(1)),
  "ends-with": (c) => c.text(0).endsWith(c.text(1)),
  substr: (c) => { const said = c.text(0), end = c.length > 2 ? c.number(2) : said.length; return said.slice(c.number(1), end); },
  substring: (c) => { const start = c.number(1) - 1, said = c.text(0); return c.length > 2 ? said.slice(Math.max(0, start), Math.max(0, start + c.number(2))) : said.slice(Math.max(0, start)); },
  "substring-before": (c) => { const said = c.text(0), at = said.indexOf(c.text(1)); return at < 0 ? "" : said.slice(0, at); },
  "substring-after": (c) => { const said = c.text(0), of = c.text(1), at = said.indexOf(of); return at < 0 ? "" : said.slice(at + of.length); },
  "string-length": (c) => [...c.own()].length,
  "normalize-space": (c) => words(c.own()).join(" "),
  translate: (c) => { const from = [...c.text(1)], to = [...c.text(2)]; return [...c.text(0)].map((one) => { const at = from.indexOf(one); return at < 0 ? one : to[at] ?? ""; }).join(""); },
  "upper-case": (c) => c.text(0).toUpperCase(),
  "lower-case": (c) => c.text(0).toLowerCase(),
  regex: (c) => new RegExp(c.text(1), "u").test(c.text(0)),
  today: (c) => c.here.setting.today(),
  now: (c) => c.here.setting.now(),
  date: (c) => { const moment = localMoment(c.value(0)); return moment ? isoDay(moment) : ""; },
  "date-time": (c) => { const moment = localMoment(c.value(0)); return moment ? moment.toISOString() : ""; },
  "decimal-date-time": (c) => c.number(0),
  "decimal-time": (c) => { const said = /(\d{2}):(\d{2})(?::(\d{2}))?/.exec(c.text(0)); return said ? (+said[1] * 3600 + +said[2] * 60 + +(said[3] || 0)) / 86400 : NaN; },
  "format-date": formatted,
  "format-date-time": formatted,
  uuid: () => crypto.randomUUID(),
  random: () => Math.random(),
  checklist: (c) => checked(c, false),
  "weighted-checklist": (c) => checked(c, true),
  "indexed-repeat": indexed,
  pulldata: pulled,
  randomize: shuffled,
  "base64-decode": (c) => { try { return new TextDecoder().decode(Uint8Array.from(atob(c.text(0)), (one) => one.charCodeAt(0))); } catch (error) { return ""; } },
  name: (c) => (c.length ? c.nodes()[0] : c.here.node)?.nodeName ?? "",
  "local-name": (c) => (c.length ? c.nodes()[0] : c.here.node)?.localName ?? "",
  version: (c) => c.here.setting.version || "",
  property: (c) => c.here.setting.property?.(c.text(0)) ?? "",
  distance: (c) => { const list = points(c.value(0)); let sum = 0; for (let one = 1; one < list.length; one += 1) { sum += metres(list[one - 1], list[one]); } return Math.round(sum * 100) / 100; },
  area: (c) => {
    const list = points(c.value(0)), rad = Math.PI / 180;
    let sum = 0;
    list.forEach(([lat, lon], place) => { const [lat2, lon2] = list[(place + 1) % list.length]; sum += (lon2 - lon) * rad * (2 + Math.sin(lat * rad) + Math.sin(lat2 * rad)); });
    return Math.round(Math.abs((sum * EARTH_M * EARTH_M) / 2) * 100) / 100;
  },
};

function call(tree, here) {
  const known = FUNCTIONS[tree.name];
  if (!known) { throw new BadExpression(`${tree.name}() is not known`); }
  return known(new Call(tree, here));
}
