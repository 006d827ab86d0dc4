// Ticks off the rules for a new password while it is typed. The server decides; this only asks it.
// Without JavaScript the same rules are answered when the form is sent.
//
// Ticks come at once. Crosses and what is wrong come late, when the person has paused or left the box: while they type,
// most rules can still be kept. Whatever comes stands below the box, which never moves.

// Milliseconds between the last key and the question.
const PAUSE = 500;
// Milliseconds after the last key, and after leaving the box, until what is wrong is said.
const LATE = 1500;
const LEFT = 200;
// Milliseconds before asking again when there was no answer, and how often.
const LONGER_PAUSE = 3000;
const MOST_RETRIES = 3;
// The answer where this page is about another person than the browser is with by now, in another tab.
const CONFLICT = 409;

document.querySelectorAll("[data-new-password]").forEach((root) => {
  const input = document.getElementById(root.dataset.newPassword);
  if (input?.form) {
    follow(root, input, ruleList(root, input));
  }
});

function follow(root, input, rules) {
  let asking = false;
  let asked = "";
  let answer = null;
  let waited = false;
  let retries = 0;
  let askTimer;
  let lateTimer;
  let sent = new AbortController();

  // The answer to the form makes the page's token a former one, and a question under way would be turned away.
  input.form.addEventListener("submit", () => {
    clearTimeout(askTimer);
    clearTimeout(lateTimer);
    sent.abort();
  });

  input.addEventListener("input", () => {
    retries = 0;
    waited = false;
    answer = null;
    if (sent.signal.aborted) {
      // The person came back to the page.
      sent = new AbortController();
    }
    rules.typed();
    askIn(PAUSE);
    sayIn(LATE);
  });

  // Not at once: it may be left for the button that sends the form, which must not move under the finger.
  input.addEventListener("blur", () => sayIn(LEFT));

  function askIn(milliseconds) {
    clearTimeout(askTimer);
    askTimer = setTimeout(ask, milliseconds);
  }

  function sayIn(milliseconds) {
    clearTimeout(lateTimer);
    lateTimer = setTimeout(() => {
      waited = true;
      show();
    }, milliseconds);
  }

  function show() {
    if (answer && asked === input.value) {
      rules.show(answer, { late: waited });
    }
  }

  async function ask() {
    const typed = input.value;
    if (asking || typed === "") {
      return;
    }
    asking = true;
    try {
      const broken = await brokenRules(root, input, sent.signal);
      asked = typed;
      retries = 0;
      answer = broken;
      show();
    } catch {
      // The rules stay as they are; the form is checked when it is sent.
      retries += 1;
      if (retries <= MOST_RETRIES && !sent.signal.aborted) {
        askIn(LONGER_PAUSE);
      }
      return;
    } finally {
      asking = false;
    }
    if (input.value !== typed) {
      askIn(PAUSE);
    }
  }
}

// Returns the rules that what is typed breaks, or one that is on no list where the page is out of date.
async function brokenRules(root, input, signal) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", input.form.elements.csrfmiddlewaretoken.value);
  body.set("about", input.form.elements.about.value);
  body.set("password", input.value);
  const answer = await fetch(root.dataset.checkUrl, { method: "POST", body, credentials: "same-origin", signal });
  if (answer.status === CONFLICT) {
    return [{ code: "out_of_date", message: wordsOf(root).out_of_date }];
  }
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  return (await answer.json()).broken;
}

// The words come from the page, which has them in its language.
function wordsOf(root) {
  const all = [...root.querySelector("template[data-words]").content.children];
  return Object.fromEntries(all.map((element) => [element.dataset.word, element.textContent]));
}

function ruleList(root, input) {
  const words = wordsOf(root);
  const items = [...root.querySelectorAll("[data-rule]")];
  const listed = new Set(items.map((item) => item.dataset.rule));
  const place = root.querySelector("[data-messages]");
  const status = root.querySelector("[data-status]");
  const atLeast = Number(/minlength: (\d+)/.exec(input.getAttribute("passwordrules") ?? "")?.[1] ?? Infinity);

  // The rules describe the box. While the box has the focus they stay as they are: some screen readers read the whole
  // description out again each time that it changes. What is new is announced.
  input.addEventListener("blur", putIntoWords);

  return { typed, show };

  // What needs no answer: that there is enough of it, and that there is nothing.
  function typed() {
    items.forEach((item) => {
      if (input.value === "") {
        mark(item, "open");
      } else if (item.dataset.rule === "too_short") {
        mark(item, isLongEnough() ? "kept" : item.dataset.state === "broken" ? "broken" : "open");
      }
    });
    if (input.value === "") {
      say([]);
      status.textContent = "";
    }
  }

  function isLongEnough() {
    const lengths = [input.value, input.value.normalize("NFKC")].map((text) => [...text].length);
    return Math.min(...lengths) >= atLeast;
  }

  function show(broken, { late }) {
    const codes = new Set(broken.map((rule) => rule.code));
    // Something is so wrong that typing on mends nothing, and the listed rules were not looked at: too long, say.
    const hopeless = broken.filter((rule) => !listed.has(rule.code));
    items.forEach((item) => {
      const rule = item.dataset.rule;
      if (codes.has(rule)) {
        mark(item, late || item.dataset.state === "broken" ? "broken" : "open");
      } else {
        // Of a password that is too short, the other rules are not known to be kept yet.
        mark(item, hopeless.length || (codes.has("too_short") && rule !== "too_short") ? "open" : "kept");
      }
    });
    const shown = late ? broken : [...broken.filter((rule) => isSaid(rule)), ...hopeless];
    say(shown.map((rule) => rule.message));
    if (late || hopeless.length) {
      announce(broken);
    }
  }

  function isSaid(rule) {
    return listed.has(rule.code) && items.some((i) => i.dataset.rule === rule.code && i.dataset.state === "broken");
  }

  // Once for each pause, and only where it is something new.
  function announce(broken) {
    const problems = broken.map((rule) => rule.message).join(" ");
    const text = broken.length ? words.not_good.replace("{problems}", () => problems) : words.good;
    if (status.textContent !== text) {
      status.textContent = text;
    }
  }

  // The place keeps the height it once had: what is below it moves down at most once and never back up.
  function say(messages) {
    const error = document.getElementById(`${input.id}-error`)?.textContent ?? "";
    const lines = messages.filter((message) => !error.includes(message));
    if (lines.join("\n") === [...place.children].map((line) => line.textContent).join("\n")) {
      return;
    }
    place.style.minHeight = `${place.offsetHeight}px`;
    place.replaceChildren(
      ...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })),
    );
  }

  function mark(item, state) {
    item.dataset.state = state;
    if (document.activeElement !== input) {
      putIntoWords();
    }
  }

  function putIntoWords() {
    items.forEach((item) => {
      const word = words[item.dataset.state];
      item.parentElement.querySelector("[data-state-text]").textContent = word ? `${word} ` : "";
    });
  }
}
