/* The first start: the service worker fetches the app's files once, and the app starts from them. Fetched by the page
   and again by the worker they would cross a slow line twice. Where there is no service worker the page fetches them. */

const PATIENCE_MS = 60000;

async function kept() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || serviceWorker.controller) { return; }
  const taken = new Promise((done) => { serviceWorker.addEventListener("controllerchange", done, { once: true }); });
  const { worker, scope } = document.documentElement.dataset;
  await serviceWorker.register(worker, { scope });
  await Promise.race([taken, new Promise((done) => { setTimeout(done, PATIENCE_MS); })]);
}

kept().catch(() => {}).then(() => import("./app.js"));
