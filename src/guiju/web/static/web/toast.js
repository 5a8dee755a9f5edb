// What was done is said in the corner for five seconds, politely.
import { all, one } from "./dom.js";

export function startToasts() {
  all(".toast[data-goes]").forEach((toast) => setTimeout(() => toast.remove(), 5000));
}

export function toast(words) {
  const place = one(".toasts");
  if (!place) return;
  const item = document.createElement("div");
  item.className = "toast";
  item.textContent = words;
  place.append(item);
  setTimeout(() => item.remove(), 5000);
}
