// Tells a person whose session is about to end, however busy they are, and takes them to the log-in page and back.
// Without JavaScript the page goes there by itself. In the words of browsers of 2018, as session-warning.js.

const dialog = document.getElementById("session-end");
if (dialog && dialog.showModal) {
  watch(dialog);
}

function watch(dialog) {
  const [again, notYet] = dialog.querySelectorAll("button");
  // Compared with the clock instead of counted, because timers stand still while a laptop sleeps.
  const warnAt = Date.now() + Number(dialog.dataset.warnAfterSeconds) * 1000;
  const endsAt = Date.now() + Number(dialog.dataset.overAfterSeconds) * 1000;
  let told = false;
  let leaving = false;

  again.addEventListener("click", logInAgain);
  // As Esc does.
  notYet.addEventListener("click", () => dialog.close());
  document.addEventListener("visibilitychange", check);
  window.addEventListener("pageshow", check);
  setInterval(check, 1000);

  function check() {
    if (leaving || Date.now() < warnAt) {
      return;
    }
    if (Date.now() >= endsAt) {
      // Not by logging out: in another tab the person may have logged in again.
      leave(dialog.dataset.overUrl);
    } else if (!told && !document.querySelector("dialog[open]")) {
      told = true;
      dialog.showModal();
    }
  }

  async function logInAgain() {
    const body = new FormData(document.querySelector("#session-warning form"));
    body.append("timed_out", "yes");
    again.disabled = true;
    try {
      await fetch(dialog.dataset.logOutUrl, { method: "POST", body, credentials: "same-origin" });
    } catch (error) {
      // Offline: the browser says so of the page that it cannot get.
    }
    leave(dialog.dataset.logInUrl);
  }

  function leave(address) {
    leaving = true;
    window.location.replace(address);
  }
}
