// What the page load test looks for in the player, put into it before its own scripts.

// After the first second nothing may jump any more (Cumulative Layout Shift, web.dev/articles/cls).
const SETTLED_MS = 1_000;

window.efir = { usable_ms: null, picture_ms: null, shift: 0, shifted: [] };

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput || entry.startTime < SETTLED_MS) continue;
    window.efir.shift += entry.value;
    const moved = entry.sources.map((source) => source.node?.className ?? source.node?.nodeName);
    window.efir.shifted.push(`${Math.round(entry.startTime)} ms: ${moved.join(", ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });

// A message comes after the frame in which it was sent: then what was there is laid out and painted, too.
const painted = new MessageChannel();
painted.port1.onmessage = () => (window.efir.usable_ms ??= performance.now());

// Usable: one may write, and a pinned product can be opened. Looked for at every frame, as an eye would.
function look() {
  const input = document.querySelector("[data-testid=chat-input]");
  const product = document.querySelector("[data-testid^=pin-]");
  const video = document.querySelector("video");
  if (input && !input.disabled && product) painted.port2.postMessage(null);
  if (video?.videoWidth) window.efir.picture_ms ??= performance.now();
  if (!window.efir.usable_ms || !window.efir.picture_ms) requestAnimationFrame(look);
  else console.debug("usable, with a picture");
}
requestAnimationFrame(look);
