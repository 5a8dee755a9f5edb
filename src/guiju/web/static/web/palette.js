// Search that opens at once and fills as the answers come. The newest question wins.
import { all, composing, one } from "./dom.js";
import { openSheet } from "./drawer.js";

let asked = 0;
let timer = 0;

export function openPalette(words = "", all_of_it = true) {
  const dialog = one("#palette");
  if (!dialog) return;
  openSheet("palette");
  const input = one("input", dialog);
  if (words) input.value = words;
  input.focus();
  if (all_of_it) input.select();
  ask(input.value);
}

async function ask(words) {
  const dialog = one("#palette");
  const list = one(".palette-list", dialog);
  const mine = ++asked;
  const address = `${dialog.dataset.source}?part=list&q=${encodeURIComponent(words)}`;
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "palette" } });
    if (mine !== asked) return;
    if (!answer.ok) throw new Error(String(answer.status));
    list.innerHTML = await answer.text();
  } catch {
    if (mine !== asked) return;
    list.innerHTML = '<p class="empty empty-small">没有取到结果。检查网络后再输一次。</p>';
  }
  choose(0);
}

function found() { return all("#palette .found"); }

function choose(index) {
  const list = found();
  list.forEach((item, at) => item.setAttribute("aria-selected", at === index ? "true" : "false"));
  if (list[index]) {
    list[index].scrollIntoView({ block: "nearest" });
    const input = one("#palette input");
    if (list[index].id) input.setAttribute("aria-activedescendant", list[index].id);
  }
}

function chosen() { return found().findIndex((item) => item.getAttribute("aria-selected") === "true"); }

export function startPalette() {
  const dialog = one("#palette");
  if (!dialog) return;
  const input = one("input", dialog);
  all("[data-palette]").forEach((opener) => {
    // Never by focus alone: who walks the page by Tab would be held at this field.
    opener.addEventListener("click", (event) => { event.preventDefault(); openPalette(); });
    const hand = (event) => {
      if (event.isComposing || !event.target.matches("input") || !event.target.value) return;
      const words = event.target.value;
      event.target.value = "";
      openPalette(words, false);
    };
    opener.addEventListener("input", hand);
    opener.addEventListener("compositionend", hand);
  });
  const later = () => { clearTimeout(timer); timer = setTimeout(() => ask(input.value), 120); };
  input.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  input.addEventListener("compositionend", later);
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const list = found();
    if (event.key === "ArrowDown") { event.preventDefault(); choose(Math.min(list.length - 1, chosen() + 1)); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(Math.max(0, chosen() - 1)); }
    else if (event.key === "Enter") {
      const target = list[Math.max(0, chosen())];
      if (!target) return;
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(target.href, "_blank", "noopener");
      else window.location.assign(target.href);
    }
  });
}
