/* What time it is. The phone's clock may be wrong: at every contact the difference to the server's is kept, and the day
   in the field is the server's. Nothing goes back: the latest instant that was ever seen counts for what expires, and a
   clock that was set back without a contact (an empty battery) goes on from there, so that the order stays right. */

import * as store from "./store.js";

let offset = 0;
let latest = 0;
let pinned = "";
const SLACK_MS = 300000;

/** `seen`: the latest instant that anything on this phone carries. */
export async function remember(seen = 0) {
  const kept = (await store.get("clock")) || {};
  offset = kept.offset || 0;
  latest = Math.max(kept.latest || 0, kept.latest ? seen : 0);
  pinned = kept.pinned || "";
}

/** The server told its time (the Date of its answer) and, in an installation that stands still, its day. */
export async function heard(date, day) {
  const said = Date.parse(date);
  if (!Number.isNaN(said)) { offset = said - Date.now(); latest = said; }
  if (day !== undefined) { pinned = day; }
  await store.set("clock", { offset, latest, pinned, heard_at: said, phone_at: Date.now() });
}

export function now() {
  if (latest && Date.now() + offset < latest - SLACK_MS) { offset = latest - Date.now(); }
  return Date.now() + offset;
}

export const difference = () => offset;

/** By how many seconds the phone's clock is ahead of the office's, where that matters; an installation that stands still is not asked. */
export const secondsAhead = () => (pinned || Math.abs(offset) < SLACK_MS ? 0 : Math.round(-offset / 1000));
export const isPast = (iso) => Math.max(now(), latest) > Date.parse(iso);

const two = (one) => String(one).padStart(2, "0");
const local = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

export const today = () => pinned || local(new Date(now()));

/** The instant with the phone's zone, as forms want it. */
export function instant() {
  const at = new Date(now());
  const zone = -at.getTimezoneOffset();
  const sign = zone < 0 ? "-" : "+";
  return `${today()}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}${sign}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
}
