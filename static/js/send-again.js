// Counts down on the button that sends the recovery form again. The server has the last word on the minute; without
// JavaScript it says how long is left.

document.querySelectorAll("[data-send-again]").forEach((form) => {
  const button = form.querySelector("button");
  const status = form.querySelector("[data-status]");
  const words = button.textContent;
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
      button.textContent = `${words.trim()} in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      return;
    }
    clearInterval(timer);
    button.removeAttribute("aria-disabled");
    button.textContent = words;
    status.textContent = "";
  }
});
