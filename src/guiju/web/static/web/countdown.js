// One timer for all deadline chips of the page. The remainder is reckoned from the server's
// moments and the distance between its clock and ours when the page was made.
import { all, icon, one } from "./dom.js";

const MINUTE = 60_000;
let offset = 0;
let running = false;

/** "1天4时", "1时34分" or "24分". */
export function span(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / MINUTE));
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  if (days) return hours ? `${days}天${hours}时` : `${days}天`;
  if (hours) return `${hours}时${String(rest).padStart(2, "0")}分`;
  return `${rest}分`;
}

function paint(chip, now) {
  const due = Date.parse(chip.dataset.due);
  const risk = Date.parse(chip.dataset.risk || chip.dataset.due);
  if (Number.isNaN(due)) return;
  const state = now > due ? "over" : now >= risk ? "risk" : "ok";
  const words = state === "over" ? `超 ${span(now - due)}` : `剩 ${span(due - now)}`;
  const text = one("time", chip);
  if (text && text.textContent !== words) text.textContent = words;
  if (chip.dataset.state === state) return;
  const base = chip.classList.contains("deadline") ? "deadline" : "due";
  chip.classList.remove(`${base}-${chip.dataset.state}`);
  chip.classList.add(`${base}-${state}`);
  const old = one("svg", chip);
  if (old) old.replaceWith(icon(state));
  if (state === "over") announce(chip);
  chip.dataset.state = state;
}

// Falling overdue is said once; counting is never said.
function announce(chip) {
  const place = one("#spoken");
  if (place) place.textContent = `已超期：${chip.dataset.what || "有一项时限"}`;
}

function tick() {
  const now = Date.now() + offset;
  all("[data-due]").forEach((chip) => paint(chip, now));
}

export function startCountdown() {
  const made = Date.parse(document.body.dataset.now || "");
  if (!running) {
    running = true;
    if (!Number.isNaN(made)) offset = made - Date.now();
    setInterval(tick, MINUTE);
    document.addEventListener("visibilitychange", async () => {
      if (document.visibilityState !== "visible" || !document.body.dataset.clock) return;
      try {
        const answer = await fetch(document.body.dataset.clock, { headers: { Accept: "application/json" } });
        if (answer.ok) offset = Date.parse((await answer.json()).now) - Date.now();
      } catch {
        // No network: the distance known before still holds.
      }
      tick();
    });
  }
  tick();
}
