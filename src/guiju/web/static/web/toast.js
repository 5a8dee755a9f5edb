// What was done is said in the corner for five seconds, politely; only those count in which it can be read.
import { all, one } from "./dom.js";

function goes(toast) {
  let left = 5;
  const timer = setInterval(() => {
    if (document.visibilityState !== "visible" || toast.matches(":hover")) return;
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    toast.remove();
  }, 1000);
}

export function startToasts() {
  all(".toast[data-goes]").forEach(goes);
}

export function toast(words) {
  const place = one(".toasts");
  if (!place) return;
  const item = document.createElement("div");
  item.className = "toast";
  item.textContent = words;
  place.append(item);
  goes(item);
}
