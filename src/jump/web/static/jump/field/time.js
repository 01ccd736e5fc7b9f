/* What time it is. The phone's clock may be wrong: at every contact the difference to the server's is kept, and the day
   in the field is the server's. Nothing goes back: the latest instant that was ever seen counts for what expires. */

import * as store from "./store.js";

let offset = 0;
let latest = 0;
let pinned = "";

export async function remember() {
  const kept = (await store.get("clock")) || {};
  offset = kept.offset || 0;
  latest = kept.latest || 0;
  pinned = kept.pinned || "";
}

/** The server told its time (the Date of its answer) and, in an installation that stands still, its day. */
export async function heard(date, day) {
  const said = Date.parse(date);
  if (!Number.isNaN(said)) { offset = said - Date.now(); latest = said; }
  if (day !== undefined) { pinned = day; }
  await store.set("clock", { offset, latest, pinned, heard_at: said, phone_at: Date.now() });
}

export const now = () => Date.now() + offset;
export const difference = () => offset;
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
