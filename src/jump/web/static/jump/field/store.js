/* What lies on the phone. One database per worker, so that two people who share a phone never meet in one queue, and a
   small one that says who works here now. A promise is kept only when the bytes are safe: every write waits until its
   transaction is complete, and asks for strict durability. */

const VERSION = 1;
const HOUSE = "jump-field";
let house = null;
let db = null;

function opened(name, make) {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(name, VERSION);
    asked.onupgradeneeded = () => make(asked.result);
    asked.onsuccess = () => { asked.result.onversionchange = () => asked.result.close(); done(asked.result); };
    asked.onerror = () => failed(asked.error);
    asked.onblocked = () => failed(new Error("blocked"));
  });
}

function answer(request) { return new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = () => failed(request.error); }); }

/** Do several writes in one transaction; resolves when all of it is on the disk. */
function written(base, stores, act) {
  return new Promise((done, failed) => {
    const transaction = base.transaction(stores, "readwrite", { durability: "strict" });
    let result;
    transaction.oncomplete = () => done(result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error || new Error("aborted"));
    result = act(...stores.map((one) => transaction.objectStore(one)));
  });
}

export async function enter() {
  house = house || await opened(HOUSE, (made) => made.createObjectStore("kept"));
  const worker = await answer(house.transaction("kept").objectStore("kept").get("worker"));
  if (worker) { await workAs(worker); }
  return worker || null;
}

/** Open the queue of this worker; the one who was here before keeps theirs. */
export async function workAs(worker) {
  db?.close();
  db = await opened(`${HOUSE}-${worker.key}`, (made) => {
    made.createObjectStore("kept");
    made.createObjectStore("entries", { keyPath: "id" });
    made.createObjectStore("files", { keyPath: ["entry", "name"] });
    made.createObjectStore("forms", { keyPath: "key" });
  });
  await written(house, ["kept"], (kept) => { kept.put(worker, "worker"); });
}

export async function leave() {
  if (db) {
    for (const key of await formKeys()) { await dropForm(key); }
    await written(db, ["kept"], (kept) => { kept.clear(); });
    db.close();
    db = null;
  }
  await written(house, ["kept"], (kept) => { kept.delete("worker"); });
}

/** Settings of this phone that belong to nobody: the language. */
export const phone = {
  get: async (name) => answer(house.transaction("kept").objectStore("kept").get(name)),
  set: (name, value) => written(house, ["kept"], (kept) => { kept.put(value, name); }),
};

export const isOpen = () => db !== null;
export const get = (name) => answer(db.transaction("kept").objectStore("kept").get(name));
export const set = (name, value) => written(db, ["kept"], (kept) => { kept.put(value, name); });
export const drop = (name) => written(db, ["kept"], (kept) => { kept.delete(name); });

export const entries = () => answer(db.transaction("entries").objectStore("entries").getAll());
export const entry = (id) => answer(db.transaction("entries").objectStore("entries").get(id));
export const keepEntry = (one) => written(db, ["entries"], (list) => { list.put(one); });

/** Change some values of an entry as it is now; nothing is lost if the form was written to in between. */
export function changeEntry(id, values) {
  return new Promise((done, failed) => {
    const transaction = db.transaction("entries", "readwrite", { durability: "strict" });
    const list = transaction.objectStore("entries");
    let whole = null;
    list.get(id).onsuccess = (event) => { if (event.target.result) { whole = { ...event.target.result, ...values }; list.put(whole); } };
    transaction.oncomplete = () => done(whole);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

const filesOf = (id) => IDBKeyRange.bound([id, ""], [id, "\uffff"]);

export const dropEntry = (id) => written(db, ["entries", "files"], (list, files) => { list.delete(id); files.delete(filesOf(id)); });

/** An entry that takes the place of another, with its files: both at once or neither. */
export async function replaceEntry(old, fresh) {
  const held = await files(old);
  return written(db, ["entries", "files"], (list, box) => {
    list.delete(old);
    list.put(fresh);
    box.delete(filesOf(old));
    held.forEach((one) => box.put({ ...one, entry: fresh.id }));
  });
}

export const files = (id) => answer(db.transaction("files").objectStore("files").getAll(filesOf(id)));
export const file = (id, name) => answer(db.transaction("files").objectStore("files").get([id, name]));
export const keepFile = (id, name, type, bytes) => written(db, ["files"], (box) => { box.put({ entry: id, name, type, bytes }); });
export const dropFile = (id, name) => written(db, ["files"], (box) => { box.delete([id, name]); });
export const dropFiles = (id) => written(db, ["files"], (box) => { box.delete(filesOf(id)); });

export const formKey = (id, version) => `${id}@${version}`;
export const form = (id, version) => answer(db.transaction("forms").objectStore("forms").get(formKey(id, version)));
export const formKeys = () => answer(db.transaction("forms").objectStore("forms").getAllKeys());
export const keepForm = (one) => written(db, ["forms"], (list) => { list.put({ ...one, key: formKey(one.id, one.version) }); });
export const dropForm = (key) => written(db, ["forms", "files"], (list, files) => { list.delete(key); files.delete(filesOf(key)); });
