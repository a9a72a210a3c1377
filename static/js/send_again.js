// A form that the person has already sent once (templates/accounts/login/go_on.html) sends itself. A field of it may be called
// "submit", so the method is not looked up on the form. Whoever is still on this page afterwards got a file: then it says
// so, and the button that would ask for it again is gone.
(() => {
  const form = document.querySelector("form[data-send]");
  if (!form) return;
  HTMLFormElement.prototype.submit.call(form);
  setTimeout(() => {
    for (const part of document.querySelectorAll("[data-going]")) part.hidden = true;
    for (const part of document.querySelectorAll("[data-gone]")) part.hidden = false;
  }, 4000);
})();
