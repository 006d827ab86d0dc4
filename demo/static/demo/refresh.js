// Keeps the marked part of a page up to date: every few seconds the page is asked for again, and the part is replaced
// if it has changed. Without JavaScript the page says how to look again.

const EVERY = 3000

async function refresh() {
  const shown = document.querySelector('[data-refresh]')
  if (document.hidden || shown.contains(document.activeElement)) return
  // Without cookies: looking at this page keeps no session alive.
  const response = await fetch(window.location.href, { credentials: 'omit' })
  if (!response.ok) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const fresh = page.querySelector('[data-refresh]')
  if (fresh && fresh.innerHTML !== shown.innerHTML) shown.innerHTML = fresh.innerHTML
}

// A server that is being restarted is asked again next time.
setInterval(() => refresh().catch(() => {}), EVERY)
