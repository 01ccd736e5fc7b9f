/* A form on the screen: one box per question, drawn once and refreshed after every answer, so that the place of the
   cursor is never lost. */

import { h, icon } from "./dom.js";
import { canRecord, here, pad, record, shrunk } from "./media.js";
import { plainDigits } from "./xform.js";
import { t } from "./words.js";

const PICK_MAX = 6;
const DRAWN = /signature|draw|annotate/;
let counted = 0;
let playing = null;

/** Draw a form. `kit`: changed(), keepFile(name, type, bytes), dropFile(name), fileUrl(name), remarks (by name). */
export function sheet(form, kit) {
  const made = [];
  const body = h("div.stack");
  fill(form, form.controls, form.root.documentElement, body, made, kit);
  const all = { body, refresh: () => made.forEach((one) => one.refresh()), mark: (problems) => made.forEach((one) => one.mark?.(problems)) };
  all.refresh();
  return all;
}

function fill(form, controls, context, into, made, kit) {
  for (const control of controls) {
    const one = drawn(form, control, context, kit);
    if (one) { made.push(one); into.append(one.body); }
  }
}

function drawn(form, control, context, kit) {
  if (control.kind === "repeat") { return repeat(form, control, context, kit); }
  if (control.kind === "group") { return group(form, control, context, kit); }
  const node = form.nodes(control.path, context)[0];
  return node ? question(form, control, node, kit) : null;
}

// Groups and repeats -----------------------------------------------------------------------------------------

function group(form, control, context, kit) {
  const holder = control.path ? form.nodes(control.path, context)[0] || context : context;
  const only = control.children.length === 1 && control.children[0].kind === "repeat" ? control.children[0] : null;
  if (only) { only.title = control.label; }
  const legend = h("legend");
  const body = only ? h("div.stack") : h("fieldset.part.stack", {}, legend);
  const inner = [];
  fill(form, control.children, holder, body, inner, kit);
  return {
    body,
    refresh() {
      legend.textContent = form.labelText(control.label, holder);
      legend.hidden = !legend.textContent;
      body.hidden = !form.isAsked(holder);
      inner.forEach((one) => one.refresh());
    },
    mark: (problems) => inner.forEach((one) => one.mark?.(problems)),
  };
}

function repeat(form, control, context, kit) {
  const { parent } = form.templates.get(control.path);
  const holder = form.nodes(parent).find((one) => context.contains(one) || one.contains(context));
  const legend = h("legend");
  const rows = h("div.stack");
  const add = h("button.btn.quiet", { type: "button" });
  const body = h("fieldset.part.stack", { id: `r${counted += 1}` }, legend, rows, h("div.acts", {}, add));
  const views = new Map();
  const title = () => form.labelText(control.title || control.label, holder) || t("entry");
  add.addEventListener("click", () => {
    const row = form.addRow(control, holder);
    form.recompute();
    kit.changed();
    views.get(row)?.body.querySelector("input, select, textarea, button")?.focus();
  });
  function made(row) {
    const inner = [];
    const name = h("legend");
    const out = h("button.btn.quiet", { type: "button", onclick: () => {
      if (!confirm(t("take_out_sure"))) { return; }
      for (const each of [row, ...row.getElementsByTagName("*")]) { if (form.byPath.get(form.pathOf(each))?.kind === "upload" && each.textContent) { kit.dropFile(each.textContent); } }
      form.removeRow(row);
      form.recompute();
      kit.changed();
      add.focus();
    } });
    const box = h("fieldset.row.stack", {}, name);
    fill(form, control.children, row, box, inner, kit);
    if (!control.isFixed) { box.append(h("div", {}, out)); }
    return {
      body: box,
      refresh(place) { name.textContent = `${title()} ${place}`; out.textContent = t("take_out", { n: place }); inner.forEach((one) => one.refresh()); },
      mark: (problems) => inner.forEach((one) => one.mark?.(problems)),
    };
  }
  return {
    body,
    refresh() {
      legend.textContent = title();
      add.hidden = control.isFixed;
      add.replaceChildren(icon("plus"), t("add_another", { what: title() }));
      body.hidden = !form.isAsked(holder);
      const now = form.nodes(control.path, holder);
      body.hidden ||= now.length > 0 && now.every((one) => !form.isAsked(one)) ;
      for (const [row, view] of views) { if (!now.includes(row)) { view.body.remove(); views.delete(row); } }
      now.forEach((row, place) => {
        if (!views.has(row)) { views.set(row, made(row)); }
        const view = views.get(row);
        if (rows.children[place] !== view.body) { rows.insertBefore(view.body, rows.children[place] || null); }
        view.refresh(place + 1);
      });
    },
    mark: (problems) => views.forEach((one) => one.mark(problems)),
  };
}

// Questions --------------------------------------------------------------------------------------------------

function question(form, control, node, kit) {
  const bind = form.bindOf(form.pathOf(node));
  const id = `q${counted += 1}`;
  const isNote = control.kind === "input" && bind.readonly === "true()" && !bind.calculate && bind.type === "string";
  const answer = isNote ? null : ANSWERS[kindOf(control, bind)](form, control, node, { ...kit, id, bind, set });
  const many = answer?.isMany;
  const label = h(many ? "legend" : "label", { for: many || !answer ? undefined : id, dir: "auto" });
  const hint = h("p.hint", { id: `${id}h`, dir: "auto" });
  const message = h("p.msg", { id: `${id}m`, dir: "auto" });
  const listen = h("button.btn.quiet", { type: "button", hidden: true });
  const remark = h("div.box.warn", { hidden: true });
  const picture = h("img.told", { hidden: true, alt: "" });
  const body = h(many ? "fieldset.f" : "div.f", { id: `${id}f` }, label, remark, picture, listen, hint, message, answer?.body);
  let words = "";

  function set(value) {
    form.set(node, value, control);
    say("");
    kit.changed();
  }

  function say(said) {
    words = said;
    message.textContent = said;
    message.hidden = !said;
    body.classList.toggle("err", Boolean(said));
    answer?.main?.toggleAttribute("aria-invalid", Boolean(said));
    if (said) { answer?.main?.setAttribute("aria-invalid", "true"); }
  }

  say("");
  return {
    body,
    refresh() {
      body.hidden = !form.isAsked(node);
      if (body.hidden) { return; }
      const said = form.labelText(control.label, node) || control.path.split("/").pop();
      const optional = answer && !form.safely(() => form.isTrue(bind.required, node), false, bind) && bind.readonly !== "true()";
      label.textContent = optional ? `${said} (${t("optional")})` : said;
      if (isNote) { label.className = "note"; }
      hint.textContent = form.labelText(control.hint, node);
      hint.hidden = !hint.textContent;
      const told = kit.remarks[form.nameOf(node)];
      remark.hidden = !told;
      remark.replaceChildren(h("p.strong", {}, t("reviewer_says")), h("p", { dir: "auto" }, told || ""));
      const url = kit.mediaUrl(form.labelMedia(control.label, "audio"));
      listen.hidden = !url;
      if (url && !listen.onclick) { listen.replaceChildren(icon("sound"), t("listen")); listen.onclick = () => { playing?.pause(); playing = new Audio(url); playing.play(); }; }
      const drawn = kit.mediaUrl(form.labelMedia(control.label, "image"));
      picture.hidden = !drawn;
      if (drawn && picture.src !== drawn) { picture.src = drawn; }
      answer?.main?.setAttribute("aria-describedby", [hint.hidden ? "" : hint.id, words ? message.id : ""].filter(Boolean).join(" "));
      answer?.refresh();
    },
    mark(problems) {
      const found = problems.find((one) => one.node === node);
      say(found ? found.words || t(`wrong_${found.code}`) : "");
      if (found) { found.id = many ? answer.main?.id || id : id; found.label = label.textContent.replace(` (${t("optional")})`, ""); }
    },
  };
}

function kindOf(control, bind) {
  if (control.kind === "select1") { return "one"; }
  if (control.kind === "select") { return "several"; }
  if (control.kind === "rank") { return "order"; }
  if (control.kind === "trigger") { return "tick"; }
  if (control.kind === "upload") { return control.media.startsWith("image") ? (DRAWN.test(control.appearance) ? "drawing" : "photo") : control.media.startsWith("audio") ? "voice" : "attachment"; }
  if (bind.readonly === "true()") { return "shown"; }
  return { date: "date", time: "time", geopoint: "point", geotrace: "points", geoshape: "points", int: "number", integer: "number", decimal: "number" }[bind.type] || "words";
}

function chosen(node) { return node.textContent.split(/\s+/).filter(Boolean); }

function same(list, other) { return list.length === other.length && list.every((one, at) => one.value === other[at].value && one.label === other[at].label); }

function drawnChoice(choice, kit) { const url = kit.mediaUrl(choice.image); return url ? h("img.told", { src: url, alt: "" }) : ""; }

const ANSWERS = {
  words(form, control, node, { id, set }) {
    const long = /multiline/.test(control.appearance);
    const main = h(long ? "textarea.in" : "input.in", { id, dir: "auto", rows: long ? 4 : undefined, type: long ? undefined : "text", autocomplete: "off", oninput: () => set(main.value) });
    return { body: main, main, refresh() { if (document.activeElement !== main && main.value !== node.textContent) { main.value = node.textContent; } } };
  },

  shown(form, control, node, { id }) {
    const main = h("output.strong", { id, dir: "auto" });
    return { body: main, main, refresh() { main.textContent = node.textContent || "–"; } };
  },

  number(form, control, node, { id, bind, set }) {
    const main = h("input.in", { id, inputmode: bind.type === "decimal" ? "decimal" : "numeric", autocomplete: "off", dir: "ltr", oninput: () => {
      const said = plainDigits(main.value).trim().replace(/[\s\u00a0\u202f]/g, "");
      set(bind.type === "decimal" ? said.replace(/,(?=\d{1,2}$|\d{4,}$)/, ".").replace(/,/g, "") : said.replace(/,/g, ""));
    } });
    return { body: main, main, refresh() { if (document.activeElement !== main && main.value !== node.textContent) { main.value = node.textContent; } } };
  },

  time(form, control, node, { id, set }) {
    const main = h("input.in", { id, inputmode: "numeric", placeholder: "14:30", autocomplete: "off", dir: "ltr", oninput: () => set(plainDigits(main.value).trim().replace(/^(\d\d?)[.h](\d\d)$/, "$1:$2")) });
    return { body: main, main, refresh() { if (document.activeElement !== main && main.value !== node.textContent) { main.value = node.textContent.slice(0, 5); } } };
  },

  /** Today, yesterday or another day: three boxes, never the browser's own picker. */
  date(form, control, node, { id, set }) {
    const day = (back) => { const at = new Date(`${form.setting.today()}T12:00:00Z`); at.setUTCDate(at.getUTCDate() - back); return at.toISOString().slice(0, 10); };
    const radio = (value, words, first) => h("label", {}, h("input", { type: "radio", name: id, id: first ? id : undefined, value, onchange: () => {
      if (value !== "other") { set(value); } else { others.hidden = false; write(); }
      refresh();
    } }), words);
    const box = (name, size) => h("div.f", {}, h("label", { for: `${id}${name}` }, t(name)), h("input.in", { id: `${id}${name}`, inputmode: "numeric", maxlength: size, autocomplete: "off", dir: "ltr", oninput: () => write() }));
    const others = h("div.dmy", { hidden: true }, box("day", 2), box("month", 2), box("year", 4));
    const body = h("div.stack", {}, h("div.pick", {}, radio(day(0), t("today"), true), radio(day(1), t("yesterday")), radio("other", t("another_day"))), others);
    const part = (name) => others.querySelector(`#${id}${name}`);
    function write() {
      const said = ["year", "month", "day"].map((one) => plainDigits(part(one).value).trim());
      set(said.every((one) => one === "") ? "" : said.every(Boolean) ? `${said[0].padStart(4, "0")}-${said[1].padStart(2, "0")}-${said[2].padStart(2, "0")}` : said.join("-"));
    }
    function refresh() {
      const value = node.textContent;
      const picked = [day(0), day(1)].includes(value) ? value : value || !others.hidden ? "other" : "";
      for (const one of body.querySelectorAll("input[type=radio]")) { one.checked = one.value === picked; }
      others.hidden = picked !== "other";
      if (picked === "other" && !others.contains(document.activeElement)) { const [year = "", month = "", date = ""] = value.split("-"); part("year").value = year; part("month").value = month.replace(/^0/, ""); part("day").value = date.replace(/^0/, ""); }
    }
    return { isMany: true, body, main: body.querySelector("input"), refresh };
  },

  one(form, control, node, kit) {
    const { id, set } = kit;
    let list = null;
    const body = h("div");
    const view = { isMany: false, body, main: null, refresh };
    function refresh() {
      const now = form.choices(control, node);
      if (!list || !same(list, now)) { list = now; draw(); }
      if (view.main?.tagName === "SELECT") { view.main.value = node.textContent; } else { for (const one of body.querySelectorAll("input")) { one.checked = one.value === node.textContent; } }
    }
    function draw() {
      if (view.isMany) {
        body.className = "pick";
        body.replaceChildren(...list.map((one, at) => h("label", { dir: "auto" }, h("input", { type: "radio", name: id, id: at ? undefined : id, value: one.value, onchange: () => set(one.value) }), drawnChoice(one, kit), one.label)));
        view.main = body.querySelector("input");
      } else {
        const select = h("select.in", { id, onchange: () => set(select.value) }, h("option", { value: "" }, t("choose")), list.map((one) => h("option", { value: one.value }, one.label)));
        body.replaceChildren(select);
        view.main = select;
      }
    }
    view.isMany = !/minimal|autocomplete/.test(control.appearance) && form.choices(control, node).length <= PICK_MAX && !control.itemset?.nodeset.includes("[");
    list = form.choices(control, node);
    draw();
    return view;
  },

  several(form, control, node, kit) {
    const { id, set } = kit;
    let list = null;
    const body = h("div.pick");
    function refresh() {
      const now = form.choices(control, node);
      if (!list || !same(list, now)) {
        list = now;
        body.replaceChildren(...list.map((one, at) => h("label", { dir: "auto" }, h("input", { type: "checkbox", id: at ? undefined : id, value: one.value, onchange: () => set(list.map((each) => each.value).filter((value) => body.querySelector(`input[value="${CSS.escape(value)}"]`).checked).join(" ")) }), drawnChoice(one, kit), one.label)));
      }
      for (const one of body.querySelectorAll("input")) { one.checked = chosen(node).includes(one.value); }
    }
    refresh();
    return { isMany: true, body, main: body.querySelector("input"), refresh };
  },

  order(form, control, node, { id, set }) {
    const body = h("ol.stack", { id });
    function refresh() {
      const all = form.choices(control, node);
      const order = [...chosen(node).filter((one) => all.some((each) => each.value === one)), ...all.map((one) => one.value).filter((one) => !chosen(node).includes(one))];
      body.replaceChildren(...order.map((value, place) => h("li", {}, h("button.btn.quiet.wide", { type: "button", onclick: () => { const next = [...order]; if (place) { [next[place - 1], next[place]] = [next[place], next[place - 1]]; } set(next.join(" ")); } }, `${place + 1}. ${all.find((one) => one.value === value).label}`, place ? ` · ${t("move_up")}` : ""))));
    }
    return { isMany: true, body, main: null, refresh };
  },

  tick(form, control, node, { id, set }) {
    const main = h("input", { type: "checkbox", id, onchange: () => set(main.checked ? "OK" : "") });
    return { body: h("div.pick", {}, h("label", {}, main, t("agreed"))), main, isMany: true, refresh() { main.checked = node.textContent === "OK"; } };
  },

  point(form, control, node, { id, set }) {
    const said = h("span.note", { dir: "ltr" });
    const main = h("button.btn.quiet", { type: "button", id, onclick: async () => {
      said.textContent = t("searching_place");
      try { set(await here()); } catch (error) { said.textContent = t("no_place"); }
    } }, t("take_place"));
    return { body: h("div.stack", {}, main, said), main, refresh() { if (node.textContent) { said.textContent = node.textContent.split(" ").slice(0, 2).join(", "); } } };
  },

  points(form, control, node, { id, set }) {
    const said = h("span.note");
    const list = () => node.textContent.split(";").map((one) => one.trim()).filter(Boolean);
    const main = h("button.btn.quiet", { type: "button", id, onclick: async () => { try { set([...list(), await here()].join("; ")); } catch (error) { said.textContent = t("no_place"); } } }, t("add_point"));
    return { body: h("div.stack", {}, main, said), main, refresh() { said.textContent = t("points", { n: list().length }); } };
  },

  photo: (form, control, node, kit) => kept(form, control, node, kit, { accept: "image/*", read: shrunk, isPicture: true, words: "take_photo" }),
  attachment: (form, control, node, kit) => kept(form, control, node, kit, { accept: control.media.includes("*") ? undefined : control.media, read: plainFile, words: "choose_file" }),

  /** Drawn or signed on a sheet; who has only keys writes a name there; a picture may be chosen and drawn upon. */
  drawing(form, control, node, kit) {
    const view = kept(form, control, node, kit, { accept: "image/*", read: shrunk, words: "choose_file" });
    let own = false;
    const paper = pad(async (made) => { own = true; await view.take(made); own = false; });
    const typed = h("input.in", { id: `${kit.id}t`, autocomplete: "off", dir: "auto", onchange: () => paper.write(typed.value.trim()) });
    paper.canvas.setAttribute("role", "img");
    paper.canvas.setAttribute("aria-label", t("draw_here"));
    view.body.prepend(h("span.hint", {}, t("draw_here")), paper.canvas, h("div.f", {}, h("label", { for: typed.id }, t("or_write")), typed));
    let last = "";
    async function refresh() {
      view.refresh();
      if (node.textContent === last) { return; }
      last = node.textContent;
      if (!last) { paper.clear(); typed.value = ""; } else if (!own) { paper.show(await kit.fileUrl(last)); }
    }
    return { ...view, refresh };
  },

  voice(form, control, node, kit) {
    const view = kept(form, control, node, kit, { accept: "audio/*", read: plainFile, words: "choose_file", isVoice: true });
    if (!canRecord()) { return view; }
    let running = null;
    const words = () => { button.replaceChildren(icon("sound"), running ? t("stop_recording") : t("record_voice")); button.setAttribute("aria-pressed", String(Boolean(running))); };
    const button = h("button.btn", { type: "button", onclick: async () => {
      if (running) { const made = await running.stop(); running = null; words(); await view.take(made); return; }
      try { running = await record(); } catch (error) { view.say(t("no_microphone")); }
      words();
    } });
    words();
    view.body.prepend(button);
    return view;
  },
};

async function plainFile(file) { return { name: file.name, type: file.type || "application/octet-stream", bytes: await file.arrayBuffer() }; }

/** A photo, a recording or a file: kept on the phone under a name of its own, its answer is that name. */
function kept(form, control, node, { id, bind, set, keepFile, dropFile, fileUrl }, { accept, read, isPicture, isVoice, words }) {
  const said = h("p.note", { role: "status" });
  const shown = h("div");
  const main = h("input.in", { type: "file", id, accept, capture: isPicture ? "environment" : undefined, onchange: async () => {
    if (!main.files[0]) { return; }
    said.textContent = t("keeping");
    await take(await read(main.files[0], bind.pixels));
    main.value = "";
  } });
  const out = h("button.btn.quiet", { type: "button", onclick: async () => { const name = node.textContent; set(""); await dropFile(name); } }, t("remove_file"));
  async function take({ name, type, bytes }) {
    const before = node.textContent;
    const ending = /\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0].toLowerCase() || "";
    const fresh = `${node.localName}-${Date.now()}${ending}`;
    try { await keepFile(fresh, type, bytes); } catch (error) { said.textContent = t("no_room"); return; }
    set(fresh);
    if (before) { await dropFile(before); }
  }
  let last = null;
  async function refresh() {
    if (node.textContent === last) { return; }
    last = node.textContent;
    out.hidden = !last;
    said.textContent = last ? t("file_kept") : "";
    const url = last ? await fileUrl(last) : "";
    shown.replaceChildren(...(!url ? [] : isPicture ? [h("img.shot", { src: url, alt: t("your_photo") })] : isVoice ? [h("audio", { controls: true, src: url })] : []));
  }
  return { body: h("div.stack", {}, h("span.hint", {}, t(words)), main, shown, said, out), main, refresh, take, say: (one) => { said.textContent = one; } };
}
