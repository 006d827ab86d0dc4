// Browsers may keep a whole page in memory and bring it back as it was left when a person presses Back, whatever is in
// its boxes. The next person at the same computer must not see that: the page is emptied and asked for again.
// Without this script the server's `no-store` is what keeps browsers from it.

window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    [...document.forms].forEach((form) => form.reset());
    // By GET, also where the page was the answer to a form.
    window.location.replace(window.location.pathname + window.location.search);
  }
});
