/* Draws a form with the engine and sends what was filled; words and addresses stand on the page. */
import { drawForm } from "./web_forms/web-forms.js";

const place = document.getElementById("form-engine");
const told = document.getElementById("form-told");
const { formUrl, sendUrl, doneUrl, mediaUrl, language, nonce, csrf } = place.dataset;
const words = place.dataset;

function tell(text, kind) {
  told.className = `box ${kind}`;
  told.textContent = text;
  told.hidden = false;
  told.focus();
}

async function said(response) {
  const tree = new DOMParser().parseFromString(await response.text(), "text/xml");
  return tree.querySelector("message")?.textContent || words.trouble;
}

async function send({ posts, status }) {
  if (status !== "ready") { return false; }
  for (const post of posts) {
    let response;
    try {
      response = await fetch(sendUrl, { method: "POST", body: post, headers: { "X-CSRFToken": csrf } });
    } catch (_error) {
      tell(words.offline, "warn");
      return false;
    }
    if (response.status !== 201 && response.status !== 202) {
      tell(await said(response), "bad");
      return false;
    }
  }
  leaving = true;
  location.assign(doneUrl);
  return true;
}

let leaving = false;
addEventListener("beforeunload", (event) => {
  if (!leaving && place.querySelector(".odk-form")) { event.preventDefault(); }
});

try {
  const response = await fetch(formUrl);
  if (!response.ok) { throw new Error(String(response.status)); }
  drawForm(place, {
    formXml: await response.text(),
    language,
    nonce,
    fetchAttachment: (url) => fetch(mediaUrl + encodeURIComponent(String(url).split("/").pop())),
    onSend: send,
  });
  told.hidden = true;
} catch (_error) {
  tell(words.trouble, "bad");
}
