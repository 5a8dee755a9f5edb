// Dialogs and the drawer beside the matrix: focus stays inside, Esc closes, focus returns.
import { all, one } from "./dom.js";

let came = null;

export function openSheet(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  came = document.activeElement;
  if (dialog.showModal) dialog.showModal();
  else dialog.setAttribute("open", "");
}

export function startDrawer() {
  // A page that came with its drawer open begins there; the way back leads to the cell it belongs to.
  const opened = one(".drawer");
  if (opened && !window.location.hash) opened.focus({ preventScroll: true });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      openSheet(opener.dataset.opens);
      return;
    }
    const closer = event.target.closest("[data-closes]");
    if (closer) {
      const dialog = closer.closest("dialog");
      if (dialog) { event.preventDefault(); dialog.close(); }
    }
    // A press outside closes menus made of <details>.
    all("details.drop[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  all("dialog").forEach((dialog) => {
    dialog.addEventListener("close", () => { if (came && came.focus) came.focus(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = one("details.drop[open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); return; }
    const drawer = one(".drawer [data-close-drawer]");
    if (drawer && !one("dialog[open]") && drawer.closest(".drawer").contains(document.activeElement)) drawer.click();
  });
  document.addEventListener("htmx:after:swap", () => {
    const drawer = one(".drawer[data-fresh]");
    if (drawer) { drawer.removeAttribute("data-fresh"); drawer.focus(); }
  });
}
