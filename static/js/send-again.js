// Counts down on the button that sends the recovery form again. The server has the last word on the minute; without
// JavaScript it says how long is left.

document.querySelectorAll("[data-send-again]").forEach((form) => {
  const button = form.querySelector("button");
  const status = form.querySelector("[data-status]");
  const label = button.textContent.trim();
  const words = wordsOf(form);
  // The count is in sight alone: some screen readers read a button out again each time that its name changes.
  const name = Object.assign(document.createElement("span"), { className: "nhsuk-u-visually-hidden", textContent: label });
  const count = document.createElement("span");
  count.setAttribute("aria-hidden", "true");
  // Compared with the clock instead of counted, because timers stand still while a phone sleeps.
  const until = Date.now() + Number(form.dataset.sendAgain) * 1000;
  const timer = setInterval(show, 1000);

  form.addEventListener("submit", (event) => {
    const seconds = left();
    if (seconds > 0) {
      event.preventDefault();
      const said = words[`too_soon${seconds}`] ?? words.too_soon;
      status.textContent = said.replace("{seconds}", seconds);
    }
  });
  show();

  function left() {
    return Math.ceil((until - Date.now()) / 1000);
  }

  function show() {
    const seconds = left();
    if (seconds > 0) {
      button.setAttribute("aria-disabled", "true");
      const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      count.textContent = words.waiting.replace("{time}", time);
      if (!count.isConnected) {
        button.replaceChildren(name, count);
      }
      return;
    }
    clearInterval(timer);
    button.removeAttribute("aria-disabled");
    button.textContent = label;
    // For a person who was told to wait.
    status.textContent = status.textContent && words.now;
  }
});

// The words come from the page, which has them in its language. A word that is about a number comes once for each number
// that has a form of its own in that language, and once for all others.
function wordsOf(root) {
  const all = [...root.querySelector("template[data-words]").content.children];
  const named = ({ dataset, textContent }) => [`${dataset.word}${dataset.number ?? ""}`, textContent];
  return Object.fromEntries(all.map(named));
}
