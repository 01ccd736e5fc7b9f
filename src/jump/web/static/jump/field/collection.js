/* A meeting's collection: who paid how much. It is provisional; the money counts when a second person counted it in the
   office, and nothing is booked from here. */

import { box, h, quiet } from "./dom.js";
import * as outbox from "./outbox.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { clock, spoken, t } from "./words.js";
import { plainDigits } from "./xform.js";

/** Minor units from what was typed: "1,250.50" with two decimals is 125050; null where it is no amount. */
export function minor(said, decimals) {
  let plain = plainDigits(said).replace(/[\s\u00a0\u202f'’]/g, "");
  if (plain === "") { return 0; }
  const mark = decimals ? new RegExp(`[.,](\\d{1,${decimals}})$`).exec(plain) : null;
  const whole = (mark ? plain.slice(0, mark.index) : plain);
  if (!/^\d{1,3}([.,]\d{3})*$|^\d{1,12}$/.test(whole)) { return null; }
  return Number(whole.replace(/[.,]/g, "")) * 10 ** decimals + Number((mark ? mark[1] : "").padEnd(decimals, "0") || 0);
}

export function amount(value, currency, decimals) {
  const figure = (value / 10 ** decimals).toLocaleString(spoken() === "ar" ? "ar-u-nu-latn" : spoken(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return `${currency}\u00a0${figure}`;
}

export async function collect(group, id, { saved }) {
  const packet = (await store.get("packet"))?.packet;
  const sheet = packet?.sheets?.find((one) => one.group === group);
  const entry = id ? await store.entry(id) : { id: outbox.newId(), kind: "collection", title: "", about: { ref: group, name: packet?.groups.find((one) => one.ref === group)?.name || group }, state: "draft", made_at: time.now(), phone_at: Date.now(), sheet: { group, on: time.today(), amounts: {} } };
  if (!sheet || !entry) { return { title: t("collection"), tab: "people", body: [h("div.empty", {}, h("p.strong", {}, t("not_on_phone")))] }; }
  const { currency, decimals } = sheet;
  const typed = { ...(entry.typed || {}) };
  const said = h("p.note", { role: "status" });
  const total = h("p.big");
  const errors = h("div");
  const boxes = [];
  const values = () => Object.fromEntries(boxes.map(({ row, input }) => [row.target, minor(input.value, decimals)]));
  function sum() { total.textContent = amount(Object.values(values()).reduce((all, one) => all + (one || 0), 0), currency, decimals); }
  async function keep() {
    for (const { row, input } of boxes) { typed[row.target] = input.value; }
    Object.assign(entry, { typed, changed_at: time.now(), sheet: { group, on: entry.sheet.on, currency, amounts: Object.fromEntries(Object.entries(values()).filter(([, one]) => one)) } });
    await store.keepEntry(entry);
    said.textContent = t("kept_at", { at: clock(new Date(time.now()).toISOString()) });
  }
  const rows = sheet.rows.map((row, place) => {
    const input = h("input.in.amt", { id: `c${place}`, inputmode: decimals ? "decimal" : "numeric", autocomplete: "off", dir: "ltr", value: typed[row.target] ?? "", oninput: () => { sum(); keep(); }, "aria-describedby": `c${place}h c${place}m` });
    const message = h("p.msg", { id: `c${place}m`, hidden: true });
    const field = h("div.f", {}, h("label", { for: input.id, dir: "auto" }, row.name), h("p.hint", { id: `c${place}h`, dir: "auto" }, `${row.title} · ${row.due ? t("due", { amount: amount(row.due, currency, decimals) }) : t("nothing_due")}`), message, h("div.join", {}, h("span", {}, currency), input));
    boxes.push({ row, input, field, message });
    return field;
  });
  sum();
  async function ready() {
    await keep();
    const wrong = boxes.filter(({ row, input, field, message }) => {
      const value = minor(input.value, decimals);
      const words = value === null ? t("wrong_number") : row.most !== null && value > row.most ? t("too_much", { amount: amount(row.most, currency, decimals) }) : "";
      message.textContent = words;
      message.hidden = !words;
      field.classList.toggle("err", Boolean(words));
      return words;
    });
    const nothing = !Object.keys(entry.sheet.amounts).length;
    errors.replaceChildren(...(wrong.length || nothing ? [h("div.box.bad", { role: "alert", tabindex: "-1" }, h("p.strong", {}, nothing && !wrong.length ? t("nothing_collected") : t("to_put_right", { n: wrong.length })))] : []));
    if (wrong.length || nothing) { (wrong[0]?.input || errors.firstChild).focus(); return; }
    const fresh = { ...entry, state: "waiting", problem: null, ready_at: time.now() };
    if (entry.state === "fix") { fresh.id = outbox.newId(); await store.replaceEntry(entry.id, fresh); } else { await store.keepEntry(fresh); }
    location.hash = "#/send";
    saved();
  }
  return { title: t("collection"), tab: "people", body: [
    h("p.strong", { dir: "auto" }, entry.about.name),
    box("", t("provisional"), h("p", {}, t("provisional_do"))),
    entry.problem ? box("bad", t(`problem_${entry.problem.kind}`), h("p", { dir: "auto" }, entry.problem.words)) : "",
    errors,
    h("form.stack", { novalidate: true, onsubmit: (event) => { event.preventDefault(); ready(); } }, rows, h("section.card", { "aria-live": "polite" }, h("p", {}, t("together")), total), said, h("button.btn.wide", { type: "submit" }, t("ready")), quiet(t("keep_draft"), async () => { await keep(); location.hash = "#/send"; })),
  ] };
}
