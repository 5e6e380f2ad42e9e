// @ts-check
// The page within the Telegram client: its colours, the space that its buttons take, its back button, links that lead outside.

import { effect } from "@preact/signals";
import { feelThrough } from "../lib/haptics.js";
import { closeNewest, sheets } from "../lib/sheets.js";

/**
 * @import { ThemeParams } from "../lib/launch.js"
 * @import { SafeArea, Telegram } from "../lib/telegram.js"
 */

/** Colours of ours that Telegram's take the place of, in tokens.css: `--host-<name>-light` and `--host-<name>-dark`. */
const COLOURS = { page: "bg_color", surface: "secondary_bg_color", text: "text_color" };
const PHONES = ["android", "android_x", "ios"];
const BLACK = "#000000";

/** @param {Telegram} telegram */
export function dress(telegram) {
  feelThrough(telegram);
  telegram.onTheme((theme) => wear(telegram, theme));
  telegram.onSafeArea(keepClear);
  const { pathname } = location;
  const atRoot = pathname === "/";
  effect(() => {
    const covered = sheets.value.length > 0;
    telegram.post("web_app_setup_back_button", { is_visible: covered || !atRoot });
    // A pull at a sheet scrolls it, and does not put the whole app away.
    telegram.post("web_app_setup_swipe_behavior", { allow_vertical_swipe: !covered });
  });
  telegram.on("back_button_pressed", () => closeNewest() || leave());
  telegram.on("reload_iframe", () => {
    telegram.post("iframe_will_reload");
    location.reload();
  });
  document.addEventListener("click", (event) => follow(telegram, event), { capture: true });
  if (isPlayer() && PHONES.includes(telegram.launch.platform) && telegram.knows("8.0")) telegram.post("web_app_request_fullscreen");
  telegram.ready();
}

const isPlayer = () => location.pathname.startsWith("/watch/");

/** Back to the page before, if it was ours; the player leads to all shows. */
function leave() {
  if (isPlayer() || !document.referrer.startsWith(`${location.origin}/`)) location.assign("/");
  else history.back();
}

/** @param {Telegram} telegram @param {ThemeParams} theme */
function wear(telegram, theme) {
  const { style } = document.documentElement;
  if (theme.bg_color) {
    const scheme = isDark(theme.bg_color) ? "dark" : "light";
    style.colorScheme = scheme;
    for (const [name, param] of Object.entries(COLOURS)) {
      // Of the pair only the half that is shown: what lies on video stays as it is.
      for (const each of ["light", "dark"]) style.setProperty(`--host-${name}-${each}`, each === scheme ? (theme[param] ?? null) : null);
    }
  }
  const around = isPlayer() ? BLACK : theme.bg_color;
  if (!around) return;
  telegram.post("web_app_set_header_color", { color: around });
  telegram.post("web_app_set_background_color", { color: around });
}

/** Relative luminance, roughly (WCAG 2 has the exact one). @param {string} colour `#rrggbb` */
function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

/** @param {SafeArea} area */
function keepClear({ device, content }) {
  const { style } = document.documentElement;
  for (const side of /** @type {const} */ (["top", "bottom", "left", "right"])) {
    style.setProperty(`--host-device-${side}`, `${device[side]}px`);
    style.setProperty(`--host-content-${side}`, `${content[side]}px`);
  }
}

/** Other sites open in the person's browser, links of Telegram in Telegram. @param {Telegram} telegram @param {MouseEvent} event */
function follow(telegram, event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link?.href || event.defaultPrevented) return;
  const url = new URL(link.href);
  if (url.origin === location.origin && link.target !== "_blank" && !link.hasAttribute("download")) return;
  event.preventDefault();
  telegram.open(url.href);
}
