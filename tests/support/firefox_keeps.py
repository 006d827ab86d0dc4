"""What Firefox keeps of the pages that were open in it, as a person finds it who knows where to look."""

from __future__ import annotations

# One function for all: the tabs' histories, as a session is restored from them, with what was typed; the addresses that
# something was sent to, which Back would send again; the lists below boxes; the visited pages; and the cache's entries
# that hold anything, which about:cache shows. Each person of a test has a part of the cache of their own.
KEEPS = """async () => {
  const {SessionStore} = ChromeUtils.importESModule("resource:///modules/sessionstore/SessionStore.sys.mjs");
  const {TabStateFlusher} = ChromeUtils.importESModule("resource:///modules/sessionstore/TabStateFlusher.sys.mjs");
  const {FormHistory} = ChromeUtils.importESModule("resource://gre/modules/FormHistory.sys.mjs");
  const {PlacesUtils} = ChromeUtils.importESModule("resource://gre/modules/PlacesUtils.sys.mjs");
  const windows = [...Services.wm.getEnumerator("navigator:browser")];
  const contexts = windows.map((window) => window.gBrowser.selectedBrowser.browsingContext);
  const persons = new Set(contexts.map((context) => context.originAttributes.userContextId));
  const sent = [];
  await Promise.all(windows.map((window) => TabStateFlusher.flushWindow(window)));
  for (const {sessionHistory} of contexts) {
    for (let i = 0; i < (sessionHistory?.count ?? 0); i++) {
      const entry = sessionHistory.getEntryAtIndex(i);
      sent.push(...(entry.postData ? [entry.URI.spec] : []));
    }
  }
  const places = await PlacesUtils.promiseDBConnection();
  const visited = await places.execute("SELECT url, title FROM moz_places WHERE visit_count > 0");
  const cached = [];
  for (const storage of ["memory", "disk"]) {
    await new Promise((resolve) => {
      Services.cache2[`${storage}CacheStorage`](Services.loadContextInfo.default).asyncVisitStorage({
        onCacheStorageInfo() {},
        onCacheEntryInfo(uri, id, size, otherSize, count, changed, expires, pinned, info) {
          cached.push(...(size && persons.has(info.originAttributes.userContextId) ? [uri.asciiSpec] : []));
        },
        onCacheEntryVisitCompleted: resolve,
      }, true);
    });
  }
  return {
    tabs: windows.map((window) => JSON.parse(SessionStore.getTabState(window.gBrowser.selectedTab))),
    sent,
    boxes: await FormHistory.search(["fieldname", "value"], {}),
    visited: visited.map((row) => [row.getResultByIndex(0), row.getResultByIndex(1)]),
    cached,
  };
}"""
