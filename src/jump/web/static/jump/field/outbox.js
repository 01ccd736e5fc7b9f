/* The outbox: entries in exactly five states, and how each gets to the office once.

   draft -> waiting -> sending -> sent, and "fix" where the office could not take an entry or a reviewer sent it back.
   What was being sent when the battery died is waiting again: the office knows an entry by its number and keeps it once. */

import * as store from "./store.js";
import * as time from "./time.js";
import { t } from "./words.js";

export const UNSENT = ["fix", "sending", "waiting", "draft"];
const POST_BYTES_MAX = 900000;
const SLOWEST_BYTES_A_SECOND = 1500;
const PATIENCE_MS = 45000;
const AGAIN_MS = 60000;
const SENT_KEPT_MS = 30 * 86400000;

let changed = () => {};
let addresses = {};
let running = null;

export function listen(act) { changed = act; }
export function sendTo(urls) { addresses = urls || {}; }

export const newId = () => `uuid:${crypto.randomUUID()}`;
export const csrf = () => /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] || "";

/** All entries, unsent first, the oldest of them on top; and how much there is to send. */
export async function all() {
  const list = await store.entries();
  return list.sort((one, other) => UNSENT.concat("sent").indexOf(one.state) - UNSENT.concat("sent").indexOf(other.state)
    || (one.state === "sent" ? other.sent_at - one.sent_at : one.made_at - other.made_at));
}

export async function summary() {
  const list = (await store.entries()).filter((one) => one.state !== "sent");
  const going = list.filter((one) => one.state !== "draft");
  return {
    waiting: going.length, drafts: list.length - going.length, unsent: list.length, fixes: list.filter((one) => one.state === "fix"),
    bytes: going.reduce((sum, one) => sum + (one.xml || "").length, 0), photoBytes: going.reduce((sum, one) => sum + (one.file_bytes || 0), 0),
    oldest: list.length ? Math.min(...list.map((one) => one.made_at)) : null,
  };
}

/** After a start: nothing is being sent, and what was sent long ago goes. */
export async function tidy() {
  for (const one of await store.entries()) {
    if (one.state === "sending") { await store.changeEntry(one.id, { state: "waiting" }); }
    if (one.state === "sent" && time.now() - one.sent_at > SENT_KEPT_MS) { await store.dropEntry(one.id); }
  }
}

/** Send what waits, one after the other; `only` sends one entry. Answers why it stopped, or nothing. */
export function send(only = "") {
  if (running) { return only ? running.then(() => send(only)) : running; }
  const act = () => sendAll(only);
  running = (navigator.locks ? navigator.locks.request("jump-field-send", act) : act()).finally(() => { running = null; changed(); });
  return running;
}

async function sendAll(only) {
  if (!addresses.send) { return "no_connection"; }
  for (const one of await all()) {
    const entry = await store.entry(one.id);
    if (!entry || entry.state !== "waiting" || (only && entry.id !== only)) { continue; }
    await store.changeEntry(entry.id, { state: "sending", tried_at: time.now() });
    changed();
    const stop = await sendOne(entry);
    changed();
    if (stop) { return stop; }
  }
  return "";
}

async function sendOne(entry) {
  try {
    const answers = entry.kind === "collection" ? [await post(addresses.collection, JSON.stringify({ key: entry.id, ...entry.sheet }), "application/json", 1000)] : await sendForm(entry);
    return await judged(entry, answers[answers.length - 1]);
  } catch (error) {
    if (error?.name === "QuotaExceededError") { throw error; }
    await store.changeEntry(entry.id, { state: "waiting", tries: (entry.tries || 0) + 1 });
    return "no_connection";
  }
}

/** One form with its files, in as many posts as a bad line needs. A post that arrived is not repeated. */
async function sendForm(entry) {
  const files = await store.files(entry.id);
  const arrived = new Set(entry.arrived || []);
  const left = files.filter((one) => !arrived.has(one.name));
  const answers = [];
  do {
    const now = [];
    for (let bytes = 0; left.length && (!now.length || bytes + left[0].bytes.byteLength < POST_BYTES_MAX);) { bytes += left[0].bytes.byteLength; now.push(left.shift()); }
    const form = new FormData();
    if (left.length) { form.append("*isIncomplete*", "yes"); }
    form.append("xml_submission_file", new Blob([entry.xml], { type: "text/xml" }), "submission.xml");
    for (const one of now) { form.append(one.name, new Blob([one.bytes], { type: one.type }), one.name); }
    const where = new URLSearchParams({ scope: entry.about?.scope || addresses.scope, ...(entry.about ? { about: entry.about.ref } : {}), ...(entry.clock ? { clock: entry.clock } : {}), ...(entry.known >= 0 ? { known: entry.known } : {}) });
    const answer = await post(`${addresses.send}?${where}`, form, null, entry.xml.length + now.reduce((sum, one) => sum + one.bytes.byteLength, 0));
    answers.push(answer);
    if (!answer.ok) { break; }
    now.forEach((one) => arrived.add(one.name));
    if (left.length) { await store.changeEntry(entry.id, { arrived: [...arrived] }); }
  } while (left.length);
  return answers;
}

async function post(url, body, type, bytes) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS + (bytes / SLOWEST_BYTES_A_SECOND) * 1000);
  try {
    const headers = { "X-CSRFToken": csrf(), "X-OpenRosa-Version": "1.0", Accept: "application/json, text/xml" };
    if (type) { headers["Content-Type"] = type; }
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual", credentials: "same-origin", signal: stop.signal });
    const said = answer.type === "opaqueredirect" ? "" : await answer.text();
    return { ok: answer.status === 201 || answer.status === 202, status: answer.type === "opaqueredirect" ? 401 : answer.status, said, date: answer.headers.get("Date") };
  } finally { clearTimeout(timer); }
}

/** What an answer of the office means for the entry. */
async function judged(entry, answer) {
  if (answer.date) { await time.heard(answer.date); }
  if (answer.ok) {
    await store.changeEntry(entry.id, { state: "sent", sent_at: time.now(), ref: refIn(answer.said) || entry.ref, problem: null, was_taken: true });
    return "";
  }
  const code = json(answer.said)?.code || /nature="([^"]*)"/.exec(answer.said)?.[1] || "";
  if (answer.status === 401 || (answer.status === 403 && (!code || code === "api.no_csrf_token"))) {
    await store.changeEntry(entry.id, { state: "waiting" });
    return "signed_out";
  }
  if (!code || answer.status >= 500 || answer.status === 429 || answer.status === 408) {  // not an answer about this entry
    await store.changeEntry(entry.id, { state: "waiting", tries: (entry.tries || 0) + 1 });
    return "office_trouble";
  }
  const problem = answer.status === 409 ? { kind: "conflict", words: sentence(answer.said) } : { kind: "refused", words: sentence(answer.said) };
  problem.questions = questionsIn(answer.said);
  await store.changeEntry(entry.id, { state: "fix", problem, was_taken: answer.status === 409 || Boolean(entry.was_taken) });
  return "";
}

function json(said) { try { return JSON.parse(said); } catch (error) { return null; } }
function refIn(said) { return json(said)?.ref || /\bsub-[0-9A-Z]{8}\b/.exec(said)?.[0] || ""; }
function questionsIn(said) { const errors = json(said)?.errors || json(said)?.facts?.errors; return errors ? Object.fromEntries(Object.entries(errors).map(([path, words]) => [path, [].concat(words).join(" ")])) : {}; }

function sentence(said) {
  const told = json(said);
  if (told) { return [told.detail || told.message || told.title, told.what_to_do].filter(Boolean).join(" "); }
  return (/<message[^>]*>([^<]*)<\/message>/.exec(said)?.[1] || "").slice(0, 500);
}

/** What the office says of entries that it has: taken as right, sent back with remarks, changed by two at once. */
export async function hear(statuses) {
  for (const one of statuses || []) {
    const entry = await store.entry(one.id);
    if (!entry || entry.state !== "sent") { continue; }
    if (JSON.stringify(one.crossed) !== JSON.stringify(entry.crossed)) { await store.changeEntry(entry.id, { crossed: one.crossed }); }
    if (one.state === "sent_back" || one.state === "rejected") {
      if (entry.heard === `${one.ref}/${one.at}`) { continue; }
      await store.changeEntry(entry.id, { state: "fix", ref: one.ref, was_taken: true, heard: `${one.ref}/${one.at}`, problem: { kind: one.state, by: one.by, words: one.why || one.remarks[""] || "", questions: one.remarks || {} } });
    } else if (one.state === "accepted" && !entry.accepted) {
      await store.changeEntry(entry.id, { accepted: true, ref: one.ref, xml: "" });  // the answers are no longer needed here
      await store.dropFiles(entry.id);
    }
  }
}

/** Entries as a file that the office can take in. */
export async function exported(list, worker) {
  const made = [];
  for (const one of list) {
    const files = (await store.files(one.id)).map((each) => ({ name: each.name, type: each.type, base64: base64(each.bytes) }));
    made.push({ id: one.id, kind: one.kind, form: one.form, version: one.version, about: one.about?.ref || "", scope: one.about?.scope || "", on: one.on || "", clock: one.clock || 0, known: one.known, sheet: one.sheet, xml: one.xml, made_at: new Date(one.made_at).toISOString(), files });
  }
  return new Blob([JSON.stringify({ format: "jump.field", version: 1, worker: worker.name, saved_at: new Date(time.now()).toISOString(), entries: made })], { type: "application/json" });
}

function base64(bytes) {
  const view = new Uint8Array(bytes);
  let said = "";
  for (let at = 0; at < view.length; at += 0x8000) { said += String.fromCharCode(...view.subarray(at, at + 0x8000)); }
  return btoa(said);
}

export function keepTrying() {
  const go = () => { if (navigator.onLine && store.isOpen()) { send(); } };
  addEventListener("online", go);
  setInterval(go, AGAIN_MS);
}

export const stateWords = (state) => t(`state_${state}`);
export const stateKind = (state) => ({ draft: "", waiting: "warn", sending: "blue", sent: "good", fix: "bad" })[state];
