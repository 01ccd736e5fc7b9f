/* The app's own words: one small catalogue for all languages (words.json). Forms bring their own. */

let catalogue = {};
let language = "en";

export const LANGUAGES = { en: "English", fr: "Français", es: "Español", ar: "العربية" };
const RTL = new Set(["ar"]);

export async function learn(url) { catalogue = await (await fetch(url)).json(); }

export function speak(code) {
  language = code in LANGUAGES ? code : "en";
  document.documentElement.lang = language;
  document.documentElement.dir = RTL.has(language) ? "rtl" : "ltr";
}

export const spoken = () => language;

/** A sentence in the reader's language. With `n` the form of the number is chosen: one|many (Arabic: zero|one|two|few|many|other). */
export function t(name, facts = {}) {
  let said = catalogue[name]?.[language] ?? catalogue[name]?.en ?? name;
  if (Array.isArray(said)) { said = said[forms().indexOf(new Intl.PluralRules(language).select(Number(facts.n)))] ?? said[said.length - 1]; }
  return said.replace(/\{(\w+)\}/g, (_all, key) => facts[key] ?? "");
}

function forms() { return language === "ar" ? ["zero", "one", "two", "few", "many", "other"] : ["one", "other"]; }

/** A text that carries its languages, as titles of forms do. */
export const inWords = (texts) => (typeof texts === "string" ? texts : texts?.[language] || texts?.en || Object.values(texts || {})[0] || "");

const locale = () => (language === "ar" ? "ar-u-nu-latn" : language);
const at = (iso) => new Date(iso.length === 10 ? `${iso}T12:00:00` : iso);

export const dayWords = (iso) => at(iso).toLocaleDateString(locale(), { day: "numeric", month: "long" });
export const longDay = (iso) => at(iso).toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long" });
export const moment = (iso) => at(iso).toLocaleString(locale(), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const clock = (iso) => at(iso).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function size(bytes) {
  const big = bytes >= 1e6;
  const figure = (big ? bytes / 1e6 : Math.max(1, Math.round(bytes / 1000))).toLocaleString(locale(), { maximumFractionDigits: 1 });
  return `${figure}\u00a0${t(big ? "mb" : "kb")}`;
}

/** How long something has been waiting, in the largest unit that says it. */
export function age(since, now) {
  const minutes = Math.max(0, Math.round((now - since) / 60000));
  if (minutes < 1) { return t("under_a_minute"); }
  if (minutes < 60) { return t("minutes", { n: minutes }); }
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t("hours", { n: hours }) : t("days", { n: Math.round(hours / 24) });
}
