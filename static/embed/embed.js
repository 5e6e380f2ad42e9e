// @ts-check
// Shows a show on any site: <script async src="https://shop.example/embed.js" data-show="shw_…"></script>. README: "On other sites".
(() => {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const { show = "", mode, when, locale = document.documentElement.lang.slice(0, 2), theme } = script?.dataset ?? {};
  if (!script || !/^shw_[0-9a-f]{32}$/.test(show)) return console.warn("efir: the script needs data-show");
  const shop = new URL(script.src).origin;
  const bubble = mode === "bubble";
  const [title, open, close] = locale === "ru" ? ["Прямой эфир", "Открыть эфир", "Закрыть"] : ["Live show", "Open the show", "Close"];
  const key = `efir.closed.${show}`;
  /** Storage may be forbidden. @param {string} [value] */
  const kept = (value) => {
    try {
      if (value) sessionStorage.setItem(key, value);
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  };
  if (bubble && kept()) return;

  // A style sheet object is no inline style: the strictest policy lets it in. The shadow keeps both sides' rules apart.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host{display:block;width:100%;container-type:inline-size}
:host([data-view=off]){display:none!important}
div{position:relative;width:min(100cqw,56.25dvh);aspect-ratio:9/16;margin:auto;overflow:hidden;border-radius:16px;background:#000}
iframe,.open{position:absolute;inset:0;width:100%;height:100%;border:0}
button{display:none;padding:0;border:0;background:none;color:#fff;cursor:pointer}
.close{position:absolute;inset:4px 4px auto auto;width:44px;height:44px;font:22px/44px system-ui;text-shadow:0 0 6px #000}
button:focus-visible{outline:3px solid #fff;outline-offset:-5px;border-radius:14px}
:host([data-view=preview]),:host([data-view=player]){position:fixed;z-index:2147483000;inset:auto 16px 16px auto;width:min(144px,40vw)}
:host([data-view]) div{box-shadow:0 12px 40px rgb(0 0 0/.35)}
:host([data-view=preview]) button{display:block}
:host([data-view=player]){width:min(405px,56.25dvh - 18px)}
@media(max-width:480px){:host([data-view=player]){inset:0;width:auto}
:host([data-view=player]) div{width:100%;height:100dvh;aspect-ratio:auto;border-radius:0}}`);

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const box = root.appendChild(document.createElement("div"));
  const frame = box.appendChild(document.createElement("iframe"));
  const told = { embed: bubble ? "bubble" : "inline", parent: location.origin, locale, ...(theme && { theme }) };
  frame.title = title;
  frame.allow = "autoplay; fullscreen; picture-in-picture; web-share; screen-wake-lock";
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox");
  if (!bubble && when !== "live") frame.loading = "lazy";
  frame.src = `${shop}/watch/${show}?${new URLSearchParams(told)}`;

  /** @param {string} name @param {object} [detail] */
  const say = (name, detail) => script.dispatchEvent(new CustomEvent(`efir:${name}`, { bubbles: true, detail }));
  /** @param {string} name @param {string} label @param {() => void} act */
  const button = (name, label, act) => {
    const made = box.appendChild(document.createElement("button"));
    Object.assign(made, { className: name, ariaLabel: label, onclick: act });
    return made;
  };
  /** @param {string} view `off`, `preview` or `player`; of a bubble only */
  const turn = (view) => {
    host.dataset.view = view;
    frame.inert = view !== "player";
    frame.contentWindow?.postMessage({ efir: 1, type: "view", view }, shop);
  };
  const back = () => {
    if (host.dataset.view === "player") {
      turn("preview");
      opener.focus();
    } else {
      kept("1");
      host.remove();
    }
    say("close");
  };
  const opener = button("open", open, () => (turn("player"), frame.focus()));
  if (bubble) button("close", close, back).textContent = "×";

  /** @type {Record<string, (data: any) => void>} */
  const hear = {
    ready: () => {},
    size: () => {},
    order: () => {},
    close: () => host.dataset.view === "player" && back(),
    state: ({ state }) => {
      const shown = state === "live" || (when !== "live" && (!bubble || state === "scheduled"));
      // Who is in the middle of it sees the end, and their orders.
      if (!shown) host.dataset.view = host.dataset.view === "player" ? "player" : "off";
      else if (!bubble) delete host.dataset.view;
      else if (host.dataset.view === "off") turn("preview");
    },
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== shop || data?.efir !== 1 || !Object.hasOwn(hear, data.type)) return;
    const { efir: _, type, ...detail } = data;
    hear[type](detail);
    if (type !== "close") say(type, detail);
  });
  addEventListener("keydown", ({ key: pressed }) => {
    const { view } = host.dataset;
    if (pressed === "Escape" && host.isConnected && (view === "player" || (view === "preview" && root.activeElement))) back();
  });
  if (bubble || when === "live") host.dataset.view = "off";
  const place = () => (script.closest("head") ? document.body.append(host) : script.after(host));
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
})();
