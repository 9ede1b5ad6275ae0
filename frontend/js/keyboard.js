// One letter, one action: an element with `data-key="e"` is clicked (or focused, when it takes text). Letters are
// heard only while nobody types and no dialog is open, and a person can switch them off (WCAG 2.1.4): screen
// readers and other tools use single letters themselves.
import { pickByKey } from "./picking.js";

const OFF = "careloop.keys-off";

const CLICKED = new Set(["radio", "checkbox", "button", "submit", "file"]);

function isTyping(target) {
  if (target.localName === "input") return !CLICKED.has(target.type);
  return target.isContentEditable || ["textarea", "select"].includes(target.localName);
}

function lettersAreOff() {
  return localStorage.getItem(OFF) === "1";
}

function move(step) {
  const rows = [...document.querySelectorAll(".rows .row, [data-step]")];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, now + step))] ?? rows[0];
  if (next === rows[now]) return;
  next.scrollIntoView({ block: "nearest" });
  next.click();
}

function press(key) {
  const candidates = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  // What stands in a closed menu may be pressed too.
  const target = candidates.find((element) => element.offsetParent !== null) ?? candidates[0];
  if (!target) return false;
  if (isTyping(target)) target.focus();
  else target.click();
  return true;
}

function onKey(event) {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return press("mod+k");
  }
  if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return undefined;
  if (document.querySelector("dialog[open]") || lettersAreOff()) return undefined;
  // What Enter presses by itself, it presses once.
  if (event.key === "Enter" && event.target.closest("a, button, summary, label")) return undefined;
  if (event.key === "x") return pickByKey(event.target);
  if (event.key === "j" || event.key === "k") return move(event.key === "j" ? 1 : -1);
  if (press(event.key)) event.preventDefault();
  return undefined;
}

export function startKeyboard() {
  document.addEventListener("keydown", onKey);
  for (const box of document.querySelectorAll("[data-keys-switch]")) {
    box.checked = !lettersAreOff();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
  }
}
