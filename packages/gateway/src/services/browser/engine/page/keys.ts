import { GatewayError } from "../../../../lib/errors.ts";
import { plain } from "../base/words.ts";

/** Names as people write them, by what Playwright calls them. */
const aliases: Readonly<Record<string, string>> = {
  esc: "Escape",
  return: "Enter",
  del: "Delete",
  ins: "Insert",
  up: "ArrowUp",
  down: "ArrowDown",
  left: "ArrowLeft",
  right: "ArrowRight",
  pgup: "PageUp",
  pgdn: "PageDown",
  spacebar: "Space",
  ctrl: "Control",
  cmd: "Meta",
  command: "Meta",
  option: "Alt",
};
const modifiers = ["Shift", "Control", "Alt", "Meta", "ControlOrMeta"];
/** https://playwright.dev/docs/api/class-keyboard#keyboard-press, and values of https://www.w3.org/TR/uievents-key/ */
const named =
  `Enter Escape Tab Backspace Delete Insert Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight
  Space CapsLock NumLock ScrollLock Pause PrintScreen ContextMenu NumpadEnter Backquote Minus Equal Backslash
  BracketLeft BracketRight Semicolon Quote Comma Period Slash`.split(/\s+/);

/** A key as Playwright takes it, e.g. `Control+a`. Throws `invalid_request` (`action.key`) for what is none. */
export function keyOf(told: string): string {
  const parts = told === "+" ? ["+"] : told.replace(/\+\+$/, "+Plus").split("+");
  const names = parts.map((part) =>
    part === "Plus" ? "+" : nameOf(part === " " ? "Space" : part.trim(), told),
  );
  const wrong = names.slice(0, -1).find((it) => !modifiers.includes(it));
  if (wrong !== undefined) throw unknown(told);
  return names.join("+");
}

/** Whether a key makes what has the focus act: `enter` submits forms, `space` pushes buttons. */
export function effectOf(key: string): "enter" | "space" | "none" {
  const last = key.split("+").at(-1);
  if (last === "Enter" || last === "NumpadEnter") return "enter";
  return last === "Space" ? "space" : "none";
}

function nameOf(part: string, told: string): string {
  if (/^\P{Cc}$/u.test(part)) return part;
  const alias = aliases[part.toLowerCase()];
  if (alias !== undefined) return alias;
  const known = [...modifiers, ...named].find((it) => it.toLowerCase() === part.toLowerCase());
  if (known !== undefined) return known;
  if (/^(F([1-9]|1\d|2[0-4])|Key[A-Z]|Digit\d|Numpad\d)$/.test(part)) return part;
  throw unknown(told);
}

function unknown(told: string): GatewayError {
  return new GatewayError(
    "invalid_request",
    `${plain(told, 64)} is no key. Keys are a character, Enter, Escape, Tab, ArrowDown, PageDown, F5 and the like, with Control+, Alt+, Shift+ or Meta+ before it.`,
    { param: "action.key" },
  );
}
