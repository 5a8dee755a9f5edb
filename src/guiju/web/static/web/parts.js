// Parts of a page that are fetched when they come into view; the link inside leads there without script.
import { all, once } from "./dom.js";

async function fill(box) {
  try {
    const answer = await fetch(box.dataset.part, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    box.innerHTML = await answer.text();
  } catch {
    // The link stays.
  }
}

export function startParts() {
  all("[data-part]").forEach((box) => {
    if (!once(box, "Part")) return;
    if (!("IntersectionObserver" in window)) { fill(box); return; }
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      fill(box);
    });
    watch.observe(box);
  });

  // A wide chart opens where the case stands, or where the way begins.
  all(".chart").forEach((box) => {
    if (!once(box, "Chart")) return;
    const here = box.querySelector(".is-here, .flow-start");
    if (!here || box.scrollWidth <= box.clientWidth) return;
    const place = here.getBoundingClientRect();
    box.scrollLeft += place.left + place.width / 2 - box.getBoundingClientRect().left - box.clientWidth / 2;
  });

  // Of tabs in a line that is too narrow the open one is in sight.
  all(".tabs, .mortgage-tabs, .switch").forEach((line) => {
    if (!once(line, "Tabs")) return;
    const here = line.querySelector("[aria-current]");
    if (!here || line.scrollWidth <= line.clientWidth) return;
    const over = here.getBoundingClientRect().right - line.getBoundingClientRect().right + 28;
    if (over > 0) line.scrollLeft += over;
  });

  // A scan that came up says by its QR code which paper it is.
  all("[data-scans]").forEach((panel) => {
    if (!once(panel, "Scans")) return;
    document.addEventListener("change", async (event) => {
      const zone = event.target.closest?.("[data-upload]");
      if (!zone || zone.dataset.name !== panel.dataset.scansOf || event.target !== zone) return;
      for (const line of all(".file", zone)) {
        const known = line.querySelector("input[type=hidden]");
        if (!known || line.querySelector("[data-scan]")) continue;
        const place = document.createElement("span");
        place.dataset.scan = "1";
        place.className = "tiny";
        line.querySelector("[data-file-words]")?.replaceChildren(place);
        try {
          const answer = await fetch(panel.dataset.scans.replace("/sha/", `/${known.value}/`), { credentials: "same-origin" });
          if (answer.ok) place.innerHTML = await answer.text();
          else place.textContent = "已上传";
        } catch {
          place.textContent = "已上传";
        }
      }
    });
  });
}
