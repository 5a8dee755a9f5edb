// Small words shared by the modules.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** True while an input method holds the key: Enter and arrows then belong to it. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

/** True when the caret is where letters are text, so a letter is no shortcut. */
export function typing(target) {
  if (!target || !target.closest) return false;
  return Boolean(target.closest("input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable=true]"));
}

export function csrf() {
  const field = one("input[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

export function once(element, mark) {
  const name = `started${mark}`;
  if (element.dataset[name]) return false;
  element.dataset[name] = "1";
  return true;
}

export function clock(moment = new Date()) {
  return moment.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
}

export function icon(name) {
  const template = document.getElementById(`icon-${name}`);
  return template ? template.content.firstElementChild.cloneNode(true) : document.createTextNode("");
}
