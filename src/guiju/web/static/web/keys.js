// The keyboard map. Letters work only while nobody is typing; in forms, Alt with a letter.
import { all, composing, one, typing } from "./dom.js";
import { openPalette } from "./palette.js";
import { openSheet } from "./drawer.js";
import { neighbour } from "./plan.js";

let first = "";
let firstAt = 0;

const rows = () => all("[data-row]").filter((row) => row.offsetParent !== null);

function move(step) {
  const list = rows();
  if (!list.length) return;
  const now = list.findIndex((row) => row.hasAttribute("aria-current"));
  const next = list[Math.min(list.length - 1, Math.max(0, now < 0 ? (step > 0 ? 0 : list.length - 1) : now + step))];
  list.forEach((row) => row.removeAttribute("aria-current"));
  next.setAttribute("aria-current", "true");
  const link = one("a", next);
  if (link) link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(selector) {
  const target = one(selector);
  if (!target) return false;
  if (target.matches("input:not([type=checkbox]), textarea, select")) target.focus();
  else target.click();
  return true;
}

function chord(key) {
  const wanted = first + key;
  first = "";
  return press(`[data-keys="${wanted}"]`);
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const { key, ctrlKey, metaKey, altKey, target } = event;

    if ((ctrlKey || metaKey) && key === "Enter") {
      const form = target.closest && target.closest("form[data-form]");
      const button = form ? one("[data-primary]", form) || document.querySelector(`[data-primary][form="${form.getAttribute("id")}"]`) : one("[data-primary]");
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if ((ctrlKey || metaKey) && key.toLowerCase() === "s") {
      if (one("form[data-draft]")) { event.preventDefault(); document.dispatchEvent(new Event("draft:now")); }
      return;
    }
    if (altKey && !ctrlKey && event.code.startsWith("Key")) {
      if (press(`[data-alt="${event.code.slice(3)}"]`)) event.preventDefault();
      return;
    }
    if (ctrlKey || metaKey || altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (typing(target)) {
      // Out of the field, so that letters are keys again.
      if (key === "Escape") target.blur();
      return;
    }

    const known = key.length === 1 ? key.toUpperCase() : key;
    // By when they were pressed, not by when a busy page came to hear of it.
    if (first && event.timeStamp - firstAt < 1500) {
      if (chord(known)) event.preventDefault();
      return;
    }
    first = "";
    if (key === "/") { event.preventDefault(); openPalette(); return; }
    if (key === "?") { event.preventDefault(); openSheet("keys"); return; }
    if (known === "G" || known === "N") {
      if (one(`[data-keys^="${known}"]`)) { first = known; firstAt = event.timeStamp; }
      return;
    }
    if (key.startsWith("Arrow") && target.matches?.(".cell")) {
      const cell = neighbour(target, key);
      if (cell) { event.preventDefault(); cell.focus(); cell.scrollIntoView({ block: "nearest", inline: "nearest" }); }
      return;
    }
    if (known === "A") {
      const act = one(".acts a, .acts button, .acts summary");
      if (act) { event.preventDefault(); act.focus(); }
      return;
    }
    if (known === "J" || key === "ArrowDown" && target.closest("[data-row]")) { event.preventDefault(); move(1); return; }
    if (known === "K" || key === "ArrowUp" && target.closest("[data-row]")) { event.preventDefault(); move(-1); return; }
    if (known === "X") {
      const box = one("[data-row][aria-current] input[type=checkbox]");
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    if (key === "Enter" && target === document.body) {
      const link = one("[data-row][aria-current] a");
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "R") { if (press("[data-key='Shift R']")) event.preventDefault(); return; }
    if (key === "Escape") return;
    if (press(`[data-key="${CSS.escape(known)}"]`)) event.preventDefault();
  });

  // Enter goes to the next field; only the last one, a button or Ctrl Enter sends the form.
  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const field = event.target;
    const form = field.closest && field.closest("form[data-form]");
    if (!form || !field.matches("input:not([type=submit]):not([type=button]):not([type=file]), select")) return;
    event.preventDefault();
    const stops = all("input:not([type=hidden]), select, textarea, button, a[href]", form)
      .filter((one) => !one.disabled && one.tabIndex >= 0 && one.offsetParent !== null);
    const next = stops[stops.indexOf(field) + 1];
    if (next) next.focus();
  });
}
