// Passkeys: <button data-passkey="login|add|use" data-failed="…"> in a form with a field named "credential". allauth's
// script (mfa/js/webauthn.js) does the talking; what it needs from the server stands in the page as data.
(() => {
  const button = document.querySelector("[data-passkey]");
  if (!button) return;
  if (!window.PublicKeyCredential) {
    button.hidden = true;
    return;
  }
  const forms = window.allauth.webauthn.forms;
  const ids = { credential: button.form.elements.credential.id, data: "js_data" };
  if (button.dataset.passkey === "login") forms.loginForm({ ids: { ...ids, login: button.id } });
  if (button.dataset.passkey === "add") forms.addForm({ ids: { ...ids, add: button.id, passwordless: "passwordless" } });
  if (button.dataset.passkey === "use") forms.authenticateForm({ ids: { ...ids, authenticate: button.id } });
  // Whoever closes the browser's own window has changed their mind, or the device did not fit.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const note = document.querySelector("[data-passkey-failed]");
    note.hidden = false;
    note.querySelector("p").textContent = button.dataset.failed;
  });
})();
