// The form engine as JUMP's pages use it: one function that draws an XForm in an element of the page.
import { OdkWebForm, POST_SUBMIT__NEW_INSTANCE, webFormsPlugin } from "@getodk/web-forms";
import { createApp, h } from "vue";

const XFORMS = "http://www.w3.org/2002/xforms";

/** The XForm with this language first chosen, where it has a translation of that code: `French (fr)` for `fr`. */
export function inLanguage(formXml, language) {
  const tree = new DOMParser().parseFromString(formXml, "text/xml");
  const all = [...tree.getElementsByTagNameNS(XFORMS, "translation")];
  const wanted = all.find((one) => {
    const name = one.getAttribute("lang") ?? "";
    return name === language || name.endsWith(`(${language})`);
  });
  if (!wanted) return formXml;
  for (const one of all) one.removeAttribute("default");
  wanted.setAttribute("default", "true()");
  return new XMLSerializer().serializeToString(tree);
}

/** Every style element that is made from now on carries the page's nonce: the policy of the route asks for it. */
function allowStyles(nonce) {
  const make = Document.prototype.createElement;
  document.createElement = (name, options) => {
    const made = make.call(document, name, options);
    if (String(name).toLowerCase() === "style") made.setAttribute("nonce", nonce);
    return made;
  };
}

/**
 * Draw a form in `element`.
 *
 * formXml          the XForm
 * language         two letters; chosen first where the form has them
 * nonce            of the page's policy, for the styles that the engine writes at run time
 * fetchAttachment  (url) => Promise<Response>: a file of the form (jr://…); a Response with status 404 where there is none
 * submissionMax    bytes of one post; more is sent in several
 * edit             undefined, or {instance: () => Promise<Response-like>, attachment: (name) => Promise} to open again
 * onSend           async ({posts, status}) => true where it is kept and a new form may begin.
 *                  `posts` are FormData of OpenRosa, the XML in `xml_submission_file`
 * Answers with {close()}.
 */
export function drawForm(element, options) {
  if (options.nonce) allowStyles(options.nonce);
  const send = async (payload, done) => {
    const kept = await options.onSend({ posts: [...payload.data], status: payload.status, violations: payload.violations });
    done(kept ? { next: POST_SUBMIT__NEW_INSTANCE } : undefined);
  };
  const edit = options.edit && {
    resolveInstance: options.edit.instance,
    attachmentFileNames: options.edit.attachmentNames ?? [],
    resolveAttachment: options.edit.attachment,
  };
  const app = createApp({
    render: () =>
      h(OdkWebForm, {
        formXml: inLanguage(options.formXml, options.language),
        fetchFormAttachment: options.fetchAttachment,
        missingResourceBehavior: "BLANK",
        submissionMaxSize: options.submissionMax ?? 10_000_000,
        ...(edit ? { editInstance: edit } : {}),
        ...(options.preload ? { preloadProperties: options.preload } : {}),
        onSubmitChunked: send,
      }),
  });
  app.use(webFormsPlugin);
  app.mount(element);
  return { close: () => app.unmount() };
}
