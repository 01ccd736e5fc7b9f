// Asks ODK's form engine what it makes of a form and a filling: for every node its reference, whether it is asked, its
// value, and which of its conditions is violated.
import { loadForm } from "./engine.js";

const INSTANCE = "xml_submission_file";

function told(node, into) {
  const state = node.currentState;
  const violation = node.validationState?.violation ?? null;
  const children = state.children ?? null;
  into.push({
    reference: state.reference,
    kind: node.nodeType,
    relevant: state.relevant,
    value: children === null ? node.currentState.instanceValue ?? plain(state.value) : null,
    violation: violation === null ? null : violation.condition,
  });
  for (const child of children ?? []) {
    told(child, into);
  }
}

function plain(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plain).join(" ");
  if (typeof value === "object" && "latitude" in value) {
    return [value.latitude, value.longitude, value.altitude ?? 0, value.accuracy ?? 0].join(" ");
  }
  return String(value);
}

globalThis.ask = async (xform, instance) => {
  const form = await loadForm(xform, {
    missingResourceBehavior: "BLANK",
    fetchFormAttachment: async () => new Response("", { status: 404 }),
  });
  if (form.status === "failure") throw form.error;
  const data = new FormData();
  data.set(INSTANCE, new File([instance], INSTANCE, { type: "text/xml" }));
  const restored = await form.restoreInstance({ data: [data] });
  const nodes = [];
  told(restored.root, nodes);
  return nodes;
};
globalThis.isReady = true;
