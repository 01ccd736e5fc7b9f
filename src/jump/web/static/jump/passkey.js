/* Passkeys: ties our buttons to the library's functions. Loaded only on the pages that use them. */
(function () {
  "use strict";
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("button[data-passkey]").forEach(function (button) {
      var ids = { credential: button.dataset.credential, data: "js_data", passwordless: button.dataset.passwordless };
      var what = button.dataset.passkey;
      ids[what] = button.id;
      if (!window.PublicKeyCredential || !window.allauth) { return; }
      button.hidden = false;
      window.allauth.webauthn.forms[what + "Form"]({ ids: ids });
    });
  });
}());
