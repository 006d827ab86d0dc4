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

// The answer to a form is an entry of the history that holds the form: on Back the browser asks whether to send it
// again, and shows the next person at the same computer what was typed. From here on the entry is the bare address.
window.history.replaceState(window.history.state, "");
