/* Filling a form: opened from what is kept, and kept again after every answer. */

import { box, h, quiet, wide } from "./dom.js";
import * as outbox from "./outbox.js";
import { sheet } from "./sheet.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { clock, inWords, spoken, t } from "./words.js";
import { Form } from "./xform.js";

async function open(entry) {
  const kept = await store.form(entry.form, entry.version);
  if (!kept) { return null; }
  const worker = (await store.get("packet"))?.packet.worker || {};
  const form = new Form(kept.xml, { lists: kept.lists || {}, language: spoken(), today: time.today, now: time.instant, property: (name) => ({ username: worker.name, deviceid: "jump-field" })[name] || "" });
  form.open(entry.xml);
  return form;
}

/** A new entry, kept at once: from then on nothing that is typed can be lost. */
export async function startEntry(form, about) {
  const id = outbox.newId();
  const entry = { id, kind: "form", form: form.id, version: form.version, title: form.title, about: about && { ref: about.ref, name: about.name, scope: about.scope }, on: time.today(), state: "draft", made_at: time.now(), phone_at: Date.now(), known: (await store.get("packet"))?.packet.known, xml: "" };
  const opened = await open(entry);
  if (!opened) { location.replace("#/forms"); return; }
  opened.name(id);
  entry.xml = opened.xml();
  await store.keepEntry(entry);
  location.replace(`#/fill/${encodeURIComponent(id)}`);
}

export async function fillScreen(id, { saved }) {
  const entry = await store.entry(id);
  if (!entry) { return { title: t("tab_forms"), tab: "forms", body: [h("div.empty", {}, h("p.strong", {}, t("not_on_phone")))] }; }
  const form = await open(entry);
  const title = inWords(entry.title);
  if (!form) { return { title, tab: "forms", body: [box("bad", t("form_missing"), h("p", {}, t("form_missing_do")))] }; }
  if (entry.state === "sent" || entry.state === "sending") { return { title, tab: "forms", body: [box("", outbox.stateWords(entry.state))] }; }
  const said = h("p.note", { role: "status" }, t("kept_at", { at: clock(new Date(entry.changed_at || entry.made_at).toISOString()) }));
  const errors = h("div");
  let writing = null;
  let again = false;
  const urls = new Map();
  const media = new Map((await store.files(store.formKey(entry.form, entry.version))).map((one) => [one.name, URL.createObjectURL(new Blob([one.bytes], { type: one.type }))]));

  /** Keep what stands there now: at once, and once more at the end where something was typed meanwhile. */
  function keepNow() {
    again = Boolean(writing);
    writing = writing || keep().finally(() => { writing = null; });
    return writing;
  }

  async function keep() {
    do {
      again = false;
      const files = await store.files(id);
      try { await store.changeEntry(id, { xml: form.xml(), changed_at: time.now(), file_count: files.length, file_bytes: files.reduce((sum, one) => sum + one.bytes.byteLength, 0) }); }
      catch (error) { said.textContent = t("no_room"); said.className = "msg"; throw error; }
    } while (again);
    said.textContent = t("kept_at", { at: clock(new Date(time.now()).toISOString()) });
    said.className = "note";
  }

  const view = sheet(form, {
    changed() { view.refresh(); said.textContent = t("keeping"); keepNow().catch(() => {}); },
    keepFile: (name, type, bytes) => store.keepFile(id, name, type, bytes),
    dropFile: async (name) => { await store.dropFile(id, name); await keepNow(); },
    async fileUrl(name) {
      if (!urls.has(name)) { const file = await store.file(id, name); urls.set(name, file ? URL.createObjectURL(new Blob([file.bytes], { type: file.type })) : ""); }
      return urls.get(name);
    },
    mediaUrl: (name) => (name && media.get(name)) || "",
    remarks: entry.problem?.questions || {},
  });
  async function ready() {
    await keepNow();
    const found = form.problems();
    view.mark(found);
    errors.replaceChildren();
    if (found.length) {
      const list = h("div.box.bad", { role: "alert", tabindex: "-1" }, h("p.strong", {}, t("to_put_right", { n: found.length })), h("ul.why", {}, found.map((one) => h("li", {}, h("a", { href: `#${one.id}`, onclick: (event) => { event.preventDefault(); document.getElementById(one.id)?.focus(); } }, one.label, ": ", one.words || t(`wrong_${one.code}`))))));
      errors.append(list);
      list.focus();
      return;
    }
    const fresh = { ...(await store.entry(id)) };
    if (fresh.was_taken) {  // the office has it under this number: what is mended goes under a new one, and names the old
      fresh.id = outbox.newId();
      form.name(fresh.id, id);
    } else { form.name(id); }
    const names = form.fileNames();
    for (const one of await store.files(id)) { if (!names.has(one.name)) { await store.dropFile(id, one.name); } }
    Object.assign(fresh, { xml: form.xml({ isFinal: true }), state: "waiting", problem: null, was_taken: false, arrived: [], changed_at: time.now(), ready_at: time.now(), clock: time.secondsAhead() });
    if (fresh.id === id) { await store.changeEntry(id, fresh); } else { await store.replaceEntry(id, fresh); }
    leave("#/send");
    saved();
  }

  function leave(to) { [...urls.values(), ...media.values()].forEach((one) => one && URL.revokeObjectURL(one)); location.hash = to; }

  return { title, tab: "forms", body: [
    entry.about ? h("p.strong", { dir: "auto" }, entry.about.name) : "",
    entry.problem ? box("bad", t(`problem_${entry.problem.kind}`), entry.problem.words ? h("p", { dir: "auto" }, entry.problem.words) : "") : "",
    form.missing?.length ? box("warn", t("answers_moved", { n: form.missing.length })) : "",
    errors,
    h("form.stack", { novalidate: true, onsubmit: (event) => { event.preventDefault(); ready(); } }, view.body, said, h("button.btn.wide", { type: "submit" }, t("ready")), quiet(t("keep_draft"), async () => { await keepNow(); leave("#/forms"); })),
  ] };
}
