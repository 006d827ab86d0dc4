// Makes and uses passkeys, as the forms in templates/passkeys/ say.

// A challenge lasts 5 minutes.
const RENEW = 4 * 60 * 1000;
// Some browsers never answer.
const QUIET_PATIENCE = 10 * 1000;

const supported = "PublicKeyCredential" in window && "credentials" in navigator;
// The browser takes one question at a time,
let asking = new AbortController();
// and the server keeps the challenge that it made last.
let beginning = Promise.resolve();

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.elements.credential.value === "") {
      event.preventDefault();
      press(form);
    }
  });
  if (supported) {
    suggest(form);
    makeQuietly(form);
  } else if (form.dataset.passkey === "make") {
    say(form, "cannot", { focus: false });
  }
});

async function press(form) {
  hideAll(form);
  if (!supported) {
    say(form, form.dataset.passkey === "make" ? "cannot" : "help");
    return;
  }
  const { signal } = newQuestion();
  const options = await begin(form, {});
  if (options === null) {
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  try {
    send(form, await ask(form, options, { signal }));
  } catch (error) {
    if (!signal.aborted) {
      say(form, error.name === "InvalidStateError" ? "there" : "help");
      suggest(form);
    }
  }
}

// The browser suggests passkeys in the username field.
async function suggest(form) {
  if (!("suggest" in form.dataset) || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    return;
  }
  await untilVisible();
  const question = newQuestion();
  const renewal = setTimeout(() => suggest(form), RENEW);
  await askWithoutPress(form, question, {});
  clearTimeout(renewal);
}

async function makeQuietly(form) {
  if (!("quiet" in form.dataset) || !(await PublicKeyCredential.getClientCapabilities?.())?.conditionalCreate) {
    return;
  }
  const question = newQuestion();
  setTimeout(() => question.abort(), QUIET_PATIENCE);
  // A person who goes on without one is not overtaken.
  addEventListener("beforeunload", () => question.abort());
  askWithoutPress(form, question, { quiet: "on" });
}

async function askWithoutPress(form, { signal }, also) {
  const options = await begin(form, also);
  if (options === null || signal.aborted) {
    return;
  }
  try {
    send(form, await ask(form, options, { signal, mediation: "conditional" }));
  } catch {
    // The button is there.
  }
}

function newQuestion() {
  asking.abort();
  asking = new AbortController();
  return asking;
}

function untilVisible() {
  if (document.visibilityState === "visible") {
    return Promise.resolve();
  }
  return new Promise((done) => document.addEventListener("visibilitychange", () => done(untilVisible()), { once: true }));
}

// Returns what to ask the browser, or null where the server does not begin.
function begin(form, also) {
  return (beginning = beginning.then(() => askServer(form, also)));
}

async function askServer(form, also) {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "about"]) {
    if (form.elements[name]) {
      body.set(name, form.elements[name].value);
    }
  }
  Object.entries(also).forEach(([name, value]) => body.set(name, value));
  try {
    const answer = await fetch(form.dataset.begin, { method: "POST", body, credentials: "same-origin" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function ask(form, json, { signal, mediation }) {
  const descriptors = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const publicKey = { ...json, challenge: bytes(json.challenge) };
  if (form.dataset.passkey === "use") {
    publicKey.allowCredentials = descriptors(json.allowCredentials);
    return navigator.credentials.get({ publicKey, signal, mediation });
  }
  publicKey.user = { ...json.user, id: bytes(json.user.id) };
  publicKey.excludeCredentials = descriptors(json.excludeCredentials);
  return navigator.credentials.create({ publicKey, signal, mediation });
}

// The browser's own toJSON() is missing in older ones, and broken by some password managers.
function send(form, credential) {
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  if (form.dataset.passkey === "use") {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    if (response.userHandle?.byteLength) {
      answer.userHandle = text(response.userHandle);
    }
  } else {
    answer.attestationObject = text(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  }
  form.elements.credential.value = JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: { credProps: credential.getClientExtensionResults().credProps },
  });
  takeTicks(form);
  if (form.requestSubmit) {
    form.requestSubmit();
  } else {
    HTMLFormElement.prototype.submit.call(form);
  }
}

function takeTicks(form) {
  const other = form.dataset.withTicksOf && document.querySelector(form.dataset.withTicksOf);
  for (const box of other?.elements ?? []) {
    if (box.checked) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: box.name, value: "on" }));
    }
  }
}

function bytes(base64url) {
  const binary = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function say(form, what, { focus = true } = {}) {
  const place = form.parentElement.querySelector(`[data-passkey-${what}]`);
  if (place) {
    place.hidden = false;
    if (focus) {
      place.focus();
    }
  }
}

function hideAll(form) {
  for (const what of ["help", "there", "cannot"]) {
    form.parentElement.querySelector(`[data-passkey-${what}]`)?.setAttribute("hidden", "");
  }
}
