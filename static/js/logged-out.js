// Tells the other tabs of this browser that it is logged out, so that none goes on showing what it showed.
// Without JavaScript they find out with the next click.

if ("BroadcastChannel" in window) {
  new BroadcastChannel("esr-session").postMessage("logged_out");
}
