// Ticks off the rules for a new password while it is typed. The server decides; this only asks it.
// Without JavaScript the same rules are answered when the form is sent.

// Milliseconds between the last key and the question, and between two questions.
const PAUSE = 500;
// Milliseconds before asking again when there was no answer, and how often.
const LONGER_PAUSE = 3000;
const MOST_RETRIES = 3;
// The answer where this page is about another person than the browser is with by now, in another tab.
const CONFLICT = 409;
const OUT_OF_DATE = "This page is out of date: this browser has gone on to something else. Nothing was changed.";

document.querySelectorAll("[data-rules]").forEach(follow);

function follow(root) {
  const input = document.getElementById(root.dataset.for);
  const status = root.querySelector("[data-status]");
  const other = root.querySelector("[data-other]");
  const rules = [...root.querySelectorAll("[data-rule]")];
  if (!input || !input.form) {
    return;
  }
  let timer;
  let asking = false;
  let asked = "";
  let retries = 0;
  let sent = new AbortController();

  // The answer to the form makes the page's token a former one, and a question under way would be turned away.
  input.form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent.abort();
  });

  input.addEventListener("input", () => {
    retries = 0;
    clearTimeout(timer);
    if (sent.signal.aborted) {
      // The person came back to the page.
      sent = new AbortController();
    }
    timer = setTimeout(ask, PAUSE);
  });

  async function ask() {
    const typed = input.value;
    if (asking || typed === asked) {
      return;
    }
    if (typed === "") {
      asked = "";
      rules.forEach((item) => mark(item, "open"));
      other.textContent = status.textContent = "";
      return;
    }
    asking = true;
    try {
      const broken = await brokenRules(typed);
      asked = typed;
      retries = 0;
      if (broken === null) {
        rules.forEach((item) => mark(item, "open"));
        other.textContent = status.textContent = OUT_OF_DATE;
        return;
      }
      if (input.value === typed) {
        show(broken);
      }
    } catch {
      // The rules stay as they are; the form is checked when it is sent.
      retries += 1;
      if (retries <= MOST_RETRIES && !sent.signal.aborted) {
        timer = setTimeout(ask, LONGER_PAUSE);
      }
      return;
    } finally {
      asking = false;
    }
    if (input.value !== typed) {
      timer = setTimeout(ask, PAUSE);
    }
  }

  async function brokenRules(typed) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", input.form.elements.csrfmiddlewaretoken.value);
    body.set("about", input.form.elements.about.value);
    body.set("password", typed);
    const question = { method: "POST", body, credentials: "same-origin", signal: sent.signal };
    const answer = await fetch(root.dataset.checkUrl, question);
    if (answer.status === CONFLICT) {
      return null;
    }
    if (!answer.ok) {
      throw new Error(`The password check answered ${answer.status}`);
    }
    return (await answer.json()).broken;
  }

  function show(broken) {
    const messages = new Map(broken.map((rule) => [rule.code, rule.message]));
    // Something is so wrong that the listed rules were not looked at: a password too long to be read, say.
    const others = broken.filter((rule) => !rules.some((item) => item.dataset.rule === rule.code));
    rules.forEach((item) => {
      const message = messages.get(item.dataset.rule) || "";
      mark(item, message ? "broken" : others.length ? "open" : "kept", message);
    });
    other.textContent = others.map((rule) => rule.message).join(" ");
    status.textContent = broken.length
      ? `Not good enough yet. ${broken.map((rule) => rule.message).join(" ")}`
      : "This password follows the rules that can be checked while you type.";
  }

  function mark(item, state, message = "") {
    item.dataset.state = state;
    item.querySelector("[data-state-text]").textContent = { open: "", kept: "Done: ", broken: "Not yet: " }[state];
    item.querySelector("[data-message]").textContent = message;
  }
}
