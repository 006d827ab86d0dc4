// Buttons that copy what the page shows: each names it, and is hidden where there is no script or no clipboard.
for (const button of document.querySelectorAll("[data-copy]")) {
  const shown = document.getElementById(button.dataset.copy);
  if (shown && navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(shown.textContent.trim());
      button.textContent = button.dataset.copied;
      button.setAttribute("aria-live", "polite");
    });
  }
}
