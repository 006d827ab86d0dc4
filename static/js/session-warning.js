// Asks a person who has been idle whether they are still there, before the server ends the session.
// Where this does not run the session ends just the same, only unannounced: a sentence on the page says after how long.
// In the words of browsers of 2018, so that it runs in every one that takes a module.

const dialog = document.getElementById("session-warning");
if (dialog) {
  watch(dialog);
}

// The words come from the page, which has them in its language.
function wordsOf(root) {
  const all = [...root.querySelector("template[data-words]").content.children];
  const words = {};
  all.forEach((element) => (words[element.dataset.word] = element.textContent));
  return words;
}

function watch(dialog) {
  const form = dialog.querySelector("form");
  const words = wordsOf(dialog);
  const timeLeft = dialog.querySelector("[data-time-left]");
  const announcement = dialog.querySelector("[data-announcement]");
  const problem = dialog.querySelector("[data-problem]");
  const warnAfter = Number(dialog.dataset.warnAfterSeconds) * 1000;
  const warning = Number(dialog.dataset.warningSeconds) * 1000;
  // Other tabs of the same browser share the session, so being busy in one keeps all of them quiet, and its end is the
  // end of all. That it was logged out is said by the page that says so (logged-out.js).
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("esr-session") : null;

  // Compared with the clock instead of counted, because timers stand still while a laptop sleeps.
  let seenAt = Date.now();
  let focusedBefore = null;
  let leaving = false;
  let left = false;

  // Which of the two buttons a form was sent by, browsers say only since 2021 (SubmitEvent.submitter).
  let loggingOut = false;

  document.querySelectorAll("[data-time-limit]").forEach((sentence) => (sentence.hidden = true));
  tell("seen");
  if (tabs) {
    tabs.addEventListener("message", hear);
  }
  form.querySelectorAll("button").forEach((button) => {
    button.addEventListener("click", () => (loggingOut = button.name === "log_out"));
  });

  function tell(what) {
    if (tabs) {
      tabs.postMessage(what);
    }
  }

  function hear(event) {
    if (event.data === "logged_out") {
      leave(dialog.dataset.logOutUrl);
    } else if (event.data === "left") {
      leave();
    } else {
      seen();
    }
  }

  form.addEventListener("submit", (event) => {
    if (loggingOut) {
      return;
    }
    event.preventDefault();
    stay();
  });
  // Esc means the same as "Stay logged in", wherever the focus is: Tab also leads to the page's body, outside the dialog.
  document.addEventListener("keydown", (event) => {
    if (isOpen() && event.key === "Escape") {
      event.preventDefault();
      stay();
    }
  });
  // The same where a phone's Back closes it.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  document.addEventListener("visibilitychange", check);
  window.addEventListener("pageshow", check);
  setInterval(check, 1000);

  function check() {
    const idle = Date.now() - seenAt;
    if (leaving || idle < warnAfter) {
      return;
    }
    if (idle >= warnAfter + warning) {
      end();
      return;
    }
    countDown(Math.ceil((warnAfter + warning - idle) / 1000));
    show();
  }

  // A browser that does not know dialogs has no `open` of its own.
  function isOpen() {
    return dialog.hasAttribute("open");
  }

  function show() {
    if (isOpen()) {
      return;
    }
    focusedBefore = document.activeElement;
    if (dialog.showModal) {
      dialog.showModal();
    } else {
      dialog.setAttribute("open", "");
    }
    form.querySelector("button").focus();
  }

  function close() {
    if (!isOpen()) {
      return;
    }
    if (dialog.close) {
      dialog.close();
    } else {
      dialog.removeAttribute("open");
    }
    problem.hidden = true;
    if (focusedBefore && focusedBefore.focus) {
      focusedBefore.focus();
    }
  }

  function countDown(seconds) {
    const time = inWords(seconds);
    // The dialog's own text is read when it opens; later only what is new.
    if (!isOpen()) {
      announcement.textContent = "";
    } else if (timeLeft.textContent !== time) {
      announcement.textContent = words.logged_out_in.replace("{time}", time);
    }
    timeLeft.textContent = time;
  }

  function inWords(seconds) {
    if (seconds > 60) {
      return words.two_minutes;
    }
    if (seconds > 30) {
      return words.one_minute;
    }
    return seconds > 10 ? words.half_a_minute : words.ten_seconds;
  }

  function seen(secondsAgo = 0) {
    seenAt = Date.now() - secondsAgo * 1000;
    close();
  }

  async function stay() {
    try {
      const answer = await post(form.action);
      if (answer.redirected || answer.status === 403) {
        leave();
        return;
      }
      // Too many people, a restart: the session may go on, and what was typed stays where it is.
      if (!answer.ok) {
        throw new Error(answer.status);
      }
    } catch (error) {
      problem.textContent = words.unreachable;
      problem.hidden = false;
      return;
    }
    tell("seen");
    seen();
  }

  // The time is up by this tab's clock: end the session on the server too, unless another tab has used it since. This one
  // need not have heard of that: a tab that stood still hears nothing, and older browsers cannot tell their tabs.
  async function end() {
    leaving = true;
    try {
      const answer = await post(dialog.dataset.logOutUrl, { timed_out: "idle" });
      if (answer.ok && !answer.redirected) {
        leaving = false;
        seen((await answer.json()).used_seconds_ago);
        return;
      }
      if (answer.ok) {
        tell("left");
      }
    } catch (error) {
      // Offline: the server ends the session by itself.
    }
    leave();
  }

  // Once: every tab that comes to the page after a log-out tells the others, and a second request would stop the first.
  function leave(address = dialog.dataset.logInUrl) {
    if (!left) {
      left = leaving = true;
      window.location.replace(address);
    }
  }

  function post(address, more = {}) {
    const body = new FormData(form);
    for (const [name, value] of Object.entries(more)) {
      body.append(name, value);
    }
    return fetch(address, { method: "POST", body, credentials: "same-origin" });
  }
}
