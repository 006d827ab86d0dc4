// Buttons that copy what the page shows: each names it, and is hidden where there is no script or no clipboard.

for (const button of document.querySelectorAll("[data-copy]")) {
  const shown = document.getElementById(button.dataset.copy);
  if (shown && navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button, shown));
  }
}

async function copy(button, shown) {
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
    say(button, button.dataset.copied);
  } catch {
    // What was copied before must not be pasted in its place.
    getSelection().selectAllChildren(shown);
    say(button, button.dataset.notCopied);
  }
}

function say(button, words) {
  const status = button.parentElement.querySelector("[role=status]");
  status.textContent = "";
  // A screen reader reads out what changes, a second time too.
  setTimeout(() => (status.textContent = words), 100);
}
