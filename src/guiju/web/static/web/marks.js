// Marking several rows or cells, then one act on all of them.
import { all, once, one } from "./dom.js";

export function startMarks() {
  all("[data-marks]").forEach((box) => {
    if (!once(box, "Marks")) return;
    const bar = one("[data-marked]", box);
    const look = () => {
      const count = all("input[data-mark]:checked", box).length;
      if (!bar) return;
      bar.hidden = count === 0;
      const place = one("[data-marked-count]", bar);
      if (place) place.textContent = String(count);
    };
    box.addEventListener("change", (event) => {
      if (event.target.matches("[data-mark-all]")) all("input[data-mark]", box).forEach((mark) => { mark.checked = event.target.checked; });
      look();
    });
    one("[data-marks-clear]", box)?.addEventListener("click", (event) => {
      event.preventDefault();
      all("input[data-mark]", box).forEach((mark) => { mark.checked = false; });
      look();
    });
    look();
  });
}
