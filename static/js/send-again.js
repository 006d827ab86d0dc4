// Counts down on the button that sends the recovery form again. The server has the last word on the minute; without
// JavaScript it says how long is left.

document.querySelectorAll("[data-send-again]").forEach((form) => {
  const button = form.querySelector("button");
  const status = form.querySelector("[data-status]");
  // The count is in sight alone: some screen readers read a button out again each time that its name changes.
  const count = button.appendChild(document.createElement("span"));
  count.setAttribute("aria-hidden", "true");
  // Compared with the clock instead of counted, because timers stand still while a phone sleeps.
  const until = Date.now() + Number(form.dataset.sendAgain) * 1000;
  const timer = setInterval(show, 1000);

  form.addEventListener("submit", (event) => {
    if (left() > 0) {
      event.preventDefault();
      status.textContent = `You can send it again in ${left()} seconds.`;
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
      count.textContent = ` in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      return;
    }
    clearInterval(timer);
    button.removeAttribute("aria-disabled");
    count.remove();
    // For a person who was told to wait.
    status.textContent = status.textContent && "You can send it again now.";
  }
});
