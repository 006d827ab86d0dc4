// Ticks off the rules for a new password while it is typed. The server decides; this only asks it.
// Without JavaScript the same rules are answered when the form is sent.

// Milliseconds between the last key and the question, and between two questions.
const PAUSE = 500;

document.querySelectorAll("[data-rules]").forEach(follow);

function follow(root) {
  const input = document.getElementById(root.dataset.for);
  const status = root.querySelector("[data-status]");
  const rules = [...root.querySelectorAll("[data-rule]")];
  if (!input || !input.form) {
    return;
  }
  let timer;
  let asking = false;
  let asked = "";

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  async function ask() {
    const typed = input.value;
    if (asking || typed === asked) {
      return;
    }
    if (typed === "") {
      asked = "";
      rules.forEach((rule) => mark(rule, "open"));
      status.textContent = "";
      return;
    }
    asking = true;
    try {
      const broken = await brokenRules(typed);
      asked = typed;
      if (input.value === typed) {
        show(broken);
      }
    } catch {
      // The rules stay as they are; the form is checked when it is sent.
      asked = typed;
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
    body.set("password", typed);
    const answer = await fetch(root.dataset.checkUrl, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok) {
      throw new Error(`The password check answered ${answer.status}`);
    }
    return (await answer.json()).broken;
  }

  function show(broken) {
    const messages = new Map(broken.map((rule) => [rule.code, rule.message]));
    rules.forEach((rule) => {
      const isBroken = messages.has(rule.dataset.rule);
      mark(rule, isBroken ? "broken" : "kept", isBroken ? messages.get(rule.dataset.rule) : "");
    });
    status.textContent = broken.length
      ? `Not good enough yet. ${broken.map((rule) => rule.message).join(" ")}`
      : "This password is good to use.";
  }

  function mark(rule, state, message = "") {
    rule.dataset.state = state;
    rule.querySelector("[data-state-text]").textContent = { open: "", kept: "Done: ", broken: "Not yet: " }[state];
    rule.querySelector("[data-message]").textContent = message;
  }
}
