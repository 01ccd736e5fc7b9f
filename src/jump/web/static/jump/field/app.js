/* The field app: screens by address (#/send), drawn from what lies on the phone. The network is only asked in sync(). */

import { box, h, icon, quiet, tag, wide } from "./dom.js";
import * as outbox from "./outbox.js";
import { collect } from "./collection.js";
import { fillScreen, startEntry } from "./filling.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { LANGUAGES, age, dayWords, inWords, learn, longDay, moment, size, speak, spoken, t } from "./words.js";

const root = document.documentElement.dataset;
const main = document.getElementById("main");
const TABS = [["today", "home"], ["people", "people"], ["forms", "paper"], ["send", "send"], ["help", "help"]];
const LIST_MAX = 60;

export const app = { worker: null, packet: null, online: navigator.onLine, syncing: false, trouble: "", update: null };

// Contact with the office ------------------------------------------------------------------------------------

/** Fetch the list of what is assigned (only if it changed), and the forms that are new. Says why it could not. */
export async function sync() {
  if (app.syncing) { return; }
  app.syncing = true;
  app.trouble = "";
  try {
    const kept = app.worker && await store.get("packet");
    const headers = kept?.tag ? { "If-None-Match": kept.tag } : {};
    const answer = await fetch(root.packet, { headers, cache: "no-store", credentials: "same-origin", redirect: "manual" });
    app.online = true;
    if (answer.status === 401 || answer.type === "opaqueredirect") { app.trouble = "signed_out"; return; }
    if (answer.status === 403) { app.trouble = "not_allowed"; return; }
    if (answer.status === 304) { await time.heard(answer.headers.get("Date")); await store.set("checked", time.now()); return; }
    if (!answer.ok) { app.trouble = "office_trouble"; return; }
    const packet = await answer.json();
    if (!app.worker || app.worker.key !== packet.worker.key) { await enter(packet.worker); }
    await time.heard(answer.headers.get("Date"), packet.day || "");
    await store.set("packet", { tag: answer.headers.get("ETag"), packet });
    await store.set("checked", time.now());
    app.packet = packet;
    await outbox.hear(packet.answers);
    await fetchForms();
  } catch (error) {
    app.online = false;
    app.trouble = "";
  } finally {
    app.syncing = false;
    if (app.packet) { outbox.sendTo(app.packet.urls); }
  }
}

/** The forms of the packet that are not here yet. One that a draft needs stays, also when the office has a newer one. */
async function fetchForms() {
  const here = new Set(await store.formKeys());
  const held = (await store.entries()).filter((one) => one.form && !(one.state === "sent" && one.accepted)).map((one) => ({ id: one.form, version: one.version, title: one.title }));
  const wanted = new Map([...app.packet.forms, ...held].map((one) => [store.formKey(one.id, one.version), one]));
  const from = app.packet.urls.forms;
  const fetched = (path) => fetch(`${from}${path}`, { credentials: "same-origin" });
  for (const [key, one] of wanted) {
    if (here.has(key)) { continue; }
    const address = `${encodeURIComponent(one.id)}/${encodeURIComponent(one.version)}`;
    const answer = await fetched(`${address}/`);
    if (!answer.ok) { continue; }
    const lists = {};
    for (const name of one.lists || []) { const list = await fetched(`${address}/${encodeURIComponent(name)}`); if (list.ok) { lists[name] = await list.text(); } }
    await store.keepForm({ id: one.id, version: one.version, title: one.title, xml: await answer.text(), lists });
  }
  for (const [key, one] of wanted) {  // pictures and recordings of the questions: after all forms, each once
    const kept = new Set(one.media?.length ? (await store.files(key)).map((each) => each.name) : []);
    for (const name of (one.media || []).filter((each) => !kept.has(each))) {
      const answer = await fetched(`${encodeURIComponent(one.id)}/${encodeURIComponent(one.version)}/${encodeURIComponent(name)}`);
      if (answer.ok) { await store.keepFile(key, name, answer.headers.get("Content-Type"), await answer.arrayBuffer()); }
    }
  }
  for (const key of here) { if (!wanted.has(key)) { await store.dropForm(key); } }
}

async function enter(worker) {
  await store.workAs(worker);
  app.worker = worker;
  await time.remember(Math.max(0, ...(await store.entries()).map((one) => one.changed_at || one.made_at)));
  await outbox.tidy();
  const kept = await store.get("packet");
  app.packet = kept?.packet || null;
  outbox.sendTo(app.packet?.urls || (await store.get("urls")));
  await forgetWhatIsOver();
}

/** Names of people stay on the phone only as long as allowed; what was typed here stays until it is sent. */
async function forgetWhatIsOver() {
  if (app.packet && time.isPast(app.packet.expires_at)) {
    await store.set("urls", app.packet.urls);
    await store.drop("packet");
    app.packet = null;
    app.isOver = true;
  } else if (app.packet) { app.isOver = false; }
}

async function contact() {
  await sync();
  if (!app.trouble && app.online) { const why = await outbox.send(); if (why) { app.trouble = why; } if (!why) { await sync(); } }
  await show();
}

// The frame --------------------------------------------------------------------------------------------------

async function frame(title, tab) {
  const sum = app.worker ? await outbox.summary() : { waiting: 0, unsent: 0, oldest: null };
  document.title = `${title} – JUMP`;
  document.getElementById("title").textContent = title;
  const skip = document.getElementById("skip");
  skip.textContent = t("skip");
  const language = document.getElementById("language");
  language.textContent = spoken() === "ar" ? "ع" : spoken().toUpperCase();
  language.setAttribute("aria-label", t("language"));
  const listen = document.getElementById("listen");
  listen.hidden = !("speechSynthesis" in window);
  listen.setAttribute("aria-label", t("listen_page"));
  const old = sum.oldest === null ? "" : t("oldest", { age: age(sum.oldest, time.now()) });
  const said = [app.online ? "" : t("offline"), old, app.trouble ? t(app.trouble) : ""].filter(Boolean).join(" ");
  const net = document.getElementById("net");
  net.hidden = !said;
  if (net.dataset.said !== said) {
    net.dataset.said = said;
    net.replaceChildren(icon(app.online ? "online" : "offline", 22), h("span", {}, said, app.trouble === "signed_out" ? [" ", h("a", { href: root.signin }, t("sign_in"))] : ""));
  }
  const tabs = document.getElementById("tabs");
  tabs.setAttribute("aria-label", t("main_menu"));
  tabs.replaceChildren(h("ul", {}, TABS.map(([name, drawing]) => h("li", {}, h("a", { href: `#/${name}`, "aria-current": name === tab ? "page" : undefined }, icon(drawing, 24), t(`tab_${name}`), name === "send" && sum.waiting ? h("span.badge", {}, String(sum.waiting)) : "")))));
  return sum;
}

let shown = "";
let turn = 0;

/** Draw the screen of the address. Another screen takes the focus to its beginning, so that a reader hears it. */
export async function show() {
  const address = location.hash.slice(2) || "today";
  const [name, ...more] = address.split("/").map(decodeURIComponent);
  if (name === "fill" && shown === address) { await frame(document.getElementById("title").textContent, "forms"); return; }
  const mine = turn += 1;
  const screen = (app.worker ? SCREENS[name] : null) || (name === "help" ? SCREENS.help : app.worker ? SCREENS.today : nobody);
  const made = await screen(...more);
  if (mine !== turn) { return; }
  await frame(made.title, made.tab);
  const same = shown === address;
  main.replaceChildren(...made.body.flat(Infinity).filter(Boolean));
  if (!same) { shown = address; scrollTo(0, 0); if (mine > 1) { main.focus(); } }
}

// Screens ----------------------------------------------------------------------------------------------------

function nobody() {
  return { title: t("tab_today"), tab: "today", body: [box(app.trouble === "not_allowed" ? "bad" : "", app.trouble === "not_allowed" ? t("not_allowed") : t("who_are_you"), h("p", {}, t("sign_in_once"))), h("a.btn.wide", { href: root.signin }, t("sign_in")), quiet(t("try_again"), contact)] };
}

function entryTitle(one) { return [one.kind === "collection" ? t("collection") : inWords(one.title), one.about?.name].filter(Boolean).join(" · "); }

function line(one) { return h("li", {}, h("a", { href: `#/entry/${encodeURIComponent(one.id)}`, }, h("span", {}, h("bdi", {}, entryTitle(one)), ", ", h("bdi", {}, dayWords(one.on || one.sheet?.on || new Date(one.made_at).toISOString())))), tag(outbox.stateKind(one.state), outbox.stateWords(one.state))); }

function sendCard(sum) {
  if (!sum.unsent) { return []; }
  const photos = sum.photoBytes ? ` ${t("photos_bytes", { size: size(sum.photoBytes) })}` : "";
  const note = [sum.waiting ? `${size(sum.bytes)}.${photos}` : "", t("oldest", { age: age(sum.oldest, time.now()) })].filter(Boolean).join(" ");
  return [h("section.card.send", { "aria-labelledby": "h-out" },
    h("div.row", {}, h("span.n", { "aria-hidden": "true" }, String(sum.waiting)), h("div", {}, h("h2", { id: "h-out" }, h("span.vh", {}, `${sum.waiting} `), t("waiting_to_be_sent", { n: sum.waiting })), h("p.note", {}, note))),
    sum.fixes.length ? h("ul.items", {}, sum.fixes.map(line)) : "",
    sum.drafts ? h("p.note", {}, t("drafts", { n: sum.drafts })) : "",
    sum.waiting ? wide(t("send_now"), contact, "send") : "")];
}

const SCREENS = {
  async today() {
    const sum = await outbox.summary();
    const packet = app.packet;
    const now = time.today();
    const visits = (packet?.visits || []).filter((one) => one.on === now);
    const later = (packet?.visits || []).filter((one) => one.on > now).slice(0, 8);
    const todo = packet?.todo || [];
    const card = (one, next) => h(next ? "a.visit.next" : "a.visit", { href: `#/visit/${encodeURIComponent(one.ref)}` }, h("time", {}, one.at || "–"), h("span", {}, h("b", { dir: "auto" }, one.title), one.purpose ? h("span.d", { dir: "auto" }, one.purpose) : "", one.place ? h("span.d", { dir: "auto" }, one.place) : "", next ? tag("good", t("next")) : ""));
    return { title: t("tab_today"), tab: "today", body: [
      app.update ? box("", t("new_version"), quiet(t("open_new_version"), () => app.update.postMessage("now"))) : "",
      app.isOver || !packet ? box("warn", app.isOver ? t("lists_over") : t("no_lists"), h("p", {}, t("lists_over_do"))) : "",
      sendCard(sum),
      h("h2", {}, t("visits_on", { day: longDay(now) })),
      visits.length ? visits.map((one, place) => card(one, place === 0)) : h("p.note", {}, packet ? t("no_visits") : ""),
      todo.length ? [h("h2", {}, t("to_do")), h("ul.items.card", {}, todo.slice(0, 12).map((one) => h("li", {}, one.form ? h("a", { href: `#/begin/${encodeURIComponent(one.form)}/${encodeURIComponent(one.about || "")}`, dir: "auto" }, one.title) : h("span", { dir: "auto" }, one.title), one.on ? tag(one.on < now ? "bad" : "", dayWords(one.on)) : "")))] : "",
      later.length ? [h("h2", {}, t("next_days")), h("ul.items.card", {}, later.map((one) => h("li", {}, h("a", { href: `#/visit/${encodeURIComponent(one.ref)}`, dir: "auto" }, one.title), tag("", dayWords(one.on)))))] : "",
      h("a.btn.wide", { href: "#/forms" }, icon("plus"), t("add_visit")),
      h("a.btn.quiet.wide", { href: "#/forms" }, t("paper_form")),
    ] };
  },

  async visit(ref) {
    const one = (app.packet?.visits || []).find((each) => each.ref === ref);
    if (!one) { return missing("today"); }
    return { title: one.title, tab: "today", body: [
      h("section.card.stack", {}, h("p.strong", {}, `${longDay(one.on)}${one.at ? ` · ${one.at}` : ""}`), one.place ? h("p", { dir: "auto" }, one.place) : "", one.purpose ? h("p", { dir: "auto" }, one.purpose) : ""),
      ...(one.about || []).map((each) => subjectLink(each)),
      formLinks((one.about || [])[0] || ""),
    ] };
  },

  async people(q = "") {
    const packet = app.packet || { communities: [], groups: [], people: [] };
    const list = h("div.stack");
    const search = h("input.in", { id: "find", type: "search", value: q, oninput: () => draw(search.value) });
    function draw(said) {
      const wanted = said.trim().toLocaleLowerCase();
      const fits = (one) => one.name.toLocaleLowerCase().includes(wanted);
      const part = (title, all, kind) => { const found = all.filter(fits); return found.length ? h("section.card", {}, h("h2", {}, title), h("ul.items", {}, found.slice(0, LIST_MAX).map((one) => h("li", {}, h("a", { href: `#/${kind}/${one.ref}`, dir: "auto" }, one.name), h("span.note", { dir: "auto" }, one.place || "")))), found.length > LIST_MAX ? h("p.note", {}, t("and_more", { n: found.length - LIST_MAX })) : "") : ""; };
      list.replaceChildren(...[part(t("communities"), packet.communities, "subject"), part(t("groups"), packet.groups, "subject"), part(t("people"), packet.people, "person")].filter(Boolean));
      if (!list.children.length) { list.append(h("div.empty", {}, h("p.strong", {}, wanted ? t("nobody_found", { q: said }) : t("nobody_yet")))); }
    }
    draw(q);
    return { title: t("tab_people"), tab: "people", body: [h("div.f", {}, h("label", { for: "find" }, t("find")), search), list] };
  },

  async subject(ref) {
    const one = subject(ref);
    if (!one) { return missing("people"); }
    const people = (app.packet.people || []).filter((each) => (one.members || []).includes(each.ref));
    const sheet = (app.packet.sheets || []).find((each) => each.group === ref);
    return { title: one.name, tab: "people", body: [
      one.place ? h("p.note", { dir: "auto" }, one.place) : "",
      sheet ? h("a.btn.wide", { href: `#/collect/${ref}` }, icon("money"), t("collection_start")) : "",
      formLinks(ref),
      people.length ? h("section.card", {}, h("h2", {}, t("members")), h("ul.items", {}, people.map((each) => h("li", {}, h("a", { href: `#/person/${each.ref}`, dir: "auto" }, each.name))))) : "",
    ] };
  },

  async person(ref) {
    const one = (app.packet?.people || []).find((each) => each.ref === ref);
    if (!one) { return missing("people"); }
    const groups = (app.packet.groups || []).filter((each) => (each.members || []).includes(ref));
    return { title: one.name, tab: "people", body: [h("p.note", { dir: "ltr" }, ref), groups.map((each) => subjectLink(each.ref)), formLinks(ref)] };
  },

  async forms() {
    const forms = app.packet?.forms || [];
    const here = new Set(await store.formKeys());
    const drafts = (await outbox.all()).filter((one) => one.state === "draft");
    return { title: t("tab_forms"), tab: "forms", body: [
      drafts.length ? h("section.card", {}, h("h2", {}, t("begun")), h("ul.items", {}, drafts.map(line))) : "",
      forms.length ? h("section.card", {}, h("h2", {}, t("begin_form")), h("ul.items", {}, forms.map((one) => h("li", {}, here.has(store.formKey(one.id, one.version)) ? h("a", { href: `#/begin/${encodeURIComponent(one.id)}`, dir: "auto" }, inWords(one.title)) : h("span", { dir: "auto" }, inWords(one.title)), here.has(store.formKey(one.id, one.version)) ? "" : tag("warn", t("not_here_yet")))))) : h("div.empty", {}, h("p.strong", {}, t("no_forms")), quiet(t("try_again"), contact)),
    ] };
  },

  async begin(form, about = "") {
    const one = (app.packet?.forms || []).find((each) => each.id === form);
    if (!one) { return missing("forms"); }
    if (about || !one.about) { await startEntry(one, subject(about)); return { title: inWords(one.title), tab: "forms", body: [] }; }
    const offered = subjectsFor(one);
    return { title: inWords(one.title), tab: "forms", body: [h("h2", {}, t("about_whom")), offered.length ? h("ul.items.card", {}, offered.map((each) => h("li", {}, h("a", { href: `#/begin/${encodeURIComponent(form)}/${each.ref}`, dir: "auto" }, each.name), h("span.note", { dir: "auto" }, each.place || "")))) : "", quiet(t("about_nobody"), () => startEntry(one, null))] };
  },

  fill: (id) => fillScreen(id, { saved: contactSoon }),
  collect: (group, id) => collect(group, id, { saved: contactSoon }),

  async send() {
    const list = await outbox.all();
    const sum = await outbox.summary();
    const part = (state) => { const found = list.filter((one) => one.state === state); return found.length ? h("section.card", { "aria-labelledby": `h-${state}` }, h("h2", { id: `h-${state}` }, outbox.stateWords(state)), h("ul.items", {}, found.map(line))) : ""; };
    return { title: t("tab_send"), tab: "send", body: [
      sendCard({ ...sum, fixes: [] }),
      ...[...outbox.UNSENT, "sent"].map(part),
      list.length ? "" : h("div.empty", {}, h("p.strong", {}, t("nothing_to_send")), h("p.muted", {}, t("nothing_to_send_do"))),
      sum.unsent ? quiet(t("export_all"), async () => download(list.filter((one) => one.state !== "sent"))) : "",
    ] };
  },

  async entry(id) {
    const one = await store.entry(id);
    if (!one) { return missing("send"); }
    const busy = one.state === "sending";
    const open = one.kind === "collection" ? `#/collect/${one.sheet.group}/${encodeURIComponent(id)}` : `#/fill/${encodeURIComponent(id)}`;
    const mend = async () => { if (one.state === "waiting") { await store.changeEntry(id, { state: "draft" }); } location.hash = open; };
    const questions = Object.entries(one.problem?.questions || {}).filter(([path]) => path);
    return { title: entryTitle(one), tab: "send", body: [
      h("section.card.stack", {}, h("p", {}, tag(outbox.stateKind(one.state), outbox.stateWords(one.state)), one.accepted ? [" ", tag("good", t("accepted"))] : ""),
        h("dl.kv", {}, h("dt", {}, t("written")), h("dd", {}, moment(new Date(one.made_at).toISOString())), one.sent_at ? [h("dt", {}, t("state_sent")), h("dd", {}, moment(new Date(one.sent_at).toISOString()))] : "", one.ref ? [h("dt", {}, t("number")), h("dd", { dir: "ltr" }, one.ref)] : "", one.about ? [h("dt", {}, t("about")), h("dd", { dir: "auto" }, one.about.name)] : "", one.file_count ? [h("dt", {}, t("files")), h("dd", {}, `${one.file_count} · ${size(one.file_bytes)}`)] : "")),
      one.problem ? box("bad", t(`problem_${one.problem.kind}`), one.problem.words ? h("p", { dir: "auto" }, one.problem.words) : "", questions.length ? h("ul.why", {}, questions.map(([path, said]) => h("li", { dir: "auto" }, said || path))) : "") : "",
      (one.crossed || []).map(crossing),
      one.state === "fix" ? wide(t("mend"), mend) : "",
      one.state === "draft" ? wide(t("go_on"), mend) : "",
      one.state === "waiting" ? [wide(t("send_this"), async () => { const why = await outbox.send(id); app.trouble = why || ""; await show(); }, "send"), quiet(t("change"), mend)] : "",
      one.state === "sent" && one.xml && !one.accepted ? quiet(t("change_sent"), async () => { await store.changeEntry(id, { state: "fix", was_taken: true, problem: { kind: "own", words: "", questions: {} } }); location.hash = open; }) : "",
      one.state === "sent" || busy ? "" : quiet(t("export_one"), () => download([one])),
      one.state === "draft" || (one.state === "fix" && !one.was_taken) ? quiet(t("throw_away"), async () => { if (confirm(t("throw_away_sure"))) { await store.dropEntry(id); location.hash = "#/send"; } }) : "",
    ] };
  },

  async help() {
    const sum = app.worker ? await outbox.summary() : { unsent: 0 };
    const lasting = await navigator.storage?.persisted?.();
    const estimate = await navigator.storage?.estimate?.();
    const checked = app.worker && await store.get("checked");
    return { title: t("tab_help"), tab: "help", body: [
      h("section.card.stack", {}, h("h2", {}, t("language")), h("div.acts", {}, Object.entries(LANGUAGES).map(([code, name]) => h("button.btn.quiet", { type: "button", lang: code, "aria-pressed": String(code === spoken()), onclick: async () => { speak(code); await store.phone.set("language", code); shown = ""; await show(); } }, name)))),
      h("section.card.stack", {}, h("h2", {}, t("help_how")), h("ol.steps", {}, ["help_1", "help_2", "help_3", "help_4", "help_5"].map((one) => h("li", {}, t(one))))),
      h("section.card.stack", {}, h("h2", {}, t("on_this_phone")),
        h("p", {}, lasting ? t("storage_lasting") : t("storage_not_lasting")),
        estimate?.usage ? h("p.note", {}, t("storage_used", { size: size(estimate.usage) })) : "",
        app.packet ? h("p.note", {}, t("lists_until", { day: dayWords(app.packet.expires_at.slice(0, 10)) })) : "",
        checked ? h("p.note", {}, t("last_contact", { at: moment(new Date(checked).toISOString()) })) : "",
        time.secondsAhead() ? h("p.note", {}, t("clock_wrong")) : "",
        h("p.note", {}, t("version", { version: root.version.slice(0, 8) })),
        quiet(t("get_lists"), contact)),
      app.worker ? h("section.card.stack", {}, h("h2", {}, t("you_are", { name: app.worker.name })), sum.unsent ? [box("warn", t("sign_out_blocked", { n: sum.unsent }), h("p", {}, t("sign_out_blocked_do"))), h("a.btn.quiet.wide", { href: "#/send" }, t("tab_send"))] : quiet(t("sign_out"), signOut)) : h("a.btn.wide", { href: root.signin }, t("sign_in")),
    ] };
  },
};

/** Somebody else changed the same form: both answers, and what the office decided. */
function crossing({ state, first, later, by, why, lines }) {
  const said = (line, name) => h("li", { dir: "auto" }, `${line[name] || "–"} (${{ first, later }[name]})`, line.holds === name ? [" ", tag("good", t("holds"))] : "");
  return box(state === "waiting" ? "warn" : "", t(`crossed_${state}`), why ? h("p", { dir: "auto" }, `${by}: ${why}`) : "", lines.filter((line) => line.hard || state === "merged").map((line) => [h("p.strong", { dir: "auto" }, line.question), h("ul.why", {}, said(line, "first"), said(line, "later"))]));
}

function missing(tab) { return { title: t(`tab_${tab}`), tab, body: [h("div.empty", {}, h("p.strong", {}, t("not_on_phone")), h("a.btn.quiet", { href: `#/${tab}` }, t("back")))] }; }

function subject(ref) { const packet = app.packet || {}; return [...(packet.communities || []), ...(packet.groups || []), ...(packet.people || [])].find((one) => one.ref === ref) || null; }

function subjectLink(ref) { const one = subject(ref); return one ? h("a.btn.quiet.wide", { href: `#/${ref.startsWith("per-") ? "person" : "subject"}/${ref}`, dir: "auto" }, one.name) : ""; }

const KINDS = { place: ["communities"], group: ["groups"], person: ["people"], any: ["communities", "groups", "people"] };

function subjectsFor(form) { return (KINDS[form.about] || []).flatMap((one) => app.packet[one]).slice(0, 300); }

function formLinks(ref) {
  const kind = { plc: "place", grp: "group", per: "person" }[ref.slice(0, 3)];
  const forms = (app.packet?.forms || []).filter((one) => one.about === kind || one.about === "any");
  return forms.length ? h("section.card", {}, h("h2", {}, t("tab_forms")), h("ul.items", {}, forms.map((one) => h("li", {}, h("a", { href: `#/begin/${encodeURIComponent(one.id)}/${ref}`, dir: "auto" }, inWords(one.title)))))) : "";
}

async function download(list) {
  const made = await outbox.exported(list, app.worker);
  const link = h("a", { href: URL.createObjectURL(made), download: `jump-${time.today()}-${list.length}.json` });
  document.body.append(link);
  link.click();
  link.remove();
}

async function signOut() {
  if ((await outbox.summary()).unsent) { await show(); return; }
  try {
    const answer = await fetch(root.signout, { method: "POST", headers: { "X-CSRFToken": outbox.csrf() }, redirect: "manual" });
    if (answer.status >= 400) { throw new Error("refused"); }
  } catch (error) { app.trouble = "sign_out_later"; await show(); return; }
  await store.leave();
  app.worker = app.packet = null;
  app.trouble = "";
  location.hash = "#/today";
  await show();
}

function contactSoon() { if (navigator.onLine) { contact(); } else { show(); } }

// Beginning --------------------------------------------------------------------------------------------------

async function begin() {
  const worker = await store.enter();
  speak((await store.phone.get("language")) || (navigator.languages || ["en"]).map((one) => one.slice(0, 2)).find((one) => one in LANGUAGES) || "en");
  await learn(root.words);
  outbox.listen(() => show());
  document.getElementById("listen").append(icon("sound", 22));
  document.getElementById("listen").onclick = () => { speechSynthesis.cancel(); const said = new SpeechSynthesisUtterance(main.innerText); said.lang = spoken(); speechSynthesis.speak(said); };
  if (worker) { await enter(worker); }
  addEventListener("hashchange", show);
  addEventListener("offline", () => { app.online = false; show(); });
  addEventListener("online", () => { app.online = true; contact(); });
  await show();
  register();
  outbox.keepTrying();
  await contact();
  if (app.worker) { navigator.storage?.persist?.(); }
  document.body.dataset.ready = "yes";
}

async function register() {
  if (!("serviceWorker" in navigator)) { return; }
  const found = await navigator.serviceWorker.register(root.worker, { scope: root.scope });
  let was = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (was) { location.reload(); } was = navigator.serviceWorker.controller; });
  const offer = (one) => { if (one && navigator.serviceWorker.controller) { app.update = one; show(); } };
  offer(found.waiting);
  found.addEventListener("updatefound", () => { const one = found.installing; one?.addEventListener("statechange", () => { if (one.state === "installed") { offer(one); } }); });
}

begin();
