// The intake page: what is typed brings up who it may be, what was before and what to ask. Without this file the
// page reads and posts all the same, with the button 查.
import { all, composing, csrf, one } from "./dom.js";

const form = one("form[data-intake]");
const WAIT = 350;

function count() {
  all("[data-count-of]").forEach((place) => {
    const field = document.getElementById(place.dataset.countOf);
    place.textContent = `${[...field.value].length} / ${field.maxLength}`;
  });
}

function tick() {
  all("time[data-since]").forEach((place) => {
    const seconds = Math.max(0, Math.floor((Date.now() - place.started) / 1000));
    place.textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  });
}

function show() {
  all("[data-repeat], [data-sets]").forEach((button) => { button.hidden = false; });
}

function check(name, value) {
  const box = all(`[name="${name}"]`, form).find((input) => input.value === value);
  if (!box) return false;
  box.checked = true;
  return true;
}

function put(name, value, over = false) {
  const field = one(`[name="${name}"]`, form);
  if (field && value && (over || !field.value)) field.value = value;
}

function told() { form.dispatchEvent(new Event("input", { bubbles: true })); count(); }

// --- looking up: the newest question wins, and answers for those that it overtook ----------------------------------------
const wanted = new Set();
let newest = 0;
let timer = 0;

async function look(parts) {
  const mine = ++newest;
  clearTimeout(timer);
  parts.forEach((name) => wanted.add(name));
  const body = new FormData(form);
  ["files", "csrfmiddlewaretoken", "key"].forEach((name) => body.delete(name));
  const touched = one("input[name=customer]", form);
  if (touched && !one("input[name=customer]:checked", form)) body.delete("customer");
  try {
    const answer = await fetch(form.dataset.intake, {
      method: "POST", body, headers: { "X-CSRFToken": csrf(), Accept: "text/html" }, credentials: "same-origin",
    });
    if (mine !== newest || !answer.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const name of [...wanted]) {
      const fresh = one(`[data-into="${name}"]`, found);
      const place = one(`[data-place="${name}"]`);
      if (!fresh || !place) continue;
      const inside = place.contains(document.activeElement) ? document.activeElement : null;
      const kept = new Map(all("[data-ask]", place).map((field) => [field.dataset.ask, field.value]));
      if (inside && inside.matches("[data-ask]")) continue;
      wanted.delete(name);
      place.innerHTML = fresh.innerHTML;
      all("[data-ask]", place).forEach((field) => { field.value = kept.get(field.dataset.ask) || field.value; });
      if (inside && inside.name) {
        const again = all(`[name="${inside.name}"]`, place).find((field) => field.value === inside.value);
        if (again) again.focus();
      }
    }
    show();
  } catch {
    // Nothing looked up; what was typed is there and can be registered.
  }
}

function soon(parts, wait = WAIT) {
  parts.forEach((name) => wanted.add(name));
  clearTimeout(timer);
  timer = setTimeout(() => look([]), wait);
}

if (form) {
  // From the server's moment, in the distance that this browser's own clock shows.
  const shown = Date.parse(document.body.dataset.now) || Date.now();
  all("time[data-since]").forEach((place) => { place.started = Date.now() - Math.max(0, shown - Date.parse(place.dataset.since)); });
  setInterval(tick, 1000);

  form.addEventListener("input", (event) => {
    count();
    const field = event.target;
    if (event.isComposing) return;
    if (field.matches("[data-looks-late]")) soon(["suggest", "aside"]);
    else if (field.matches("input[data-looks]:not([type=radio])")) soon(["callers", "units", "aside"]);
  });
  form.addEventListener("compositionend", (event) => {
    if (event.target.matches("[data-looks-late]")) soon(["suggest", "aside"]);
    else if (event.target.matches("[data-looks]")) soon(["callers", "units", "aside"]);
  });

  form.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("[data-looks]")) return;
    if (field.name === "customer") {
      // Whoever is picked by hand was recognised by a person.
      const known = one("[name=confirmed]", form);
      if (known) known.checked = Boolean(field.value);
      all("input[name=unit]", form).forEach((unit) => { unit.checked = false; unit.disabled = true; });
      look(["callers", "units", "aside"]);
      const words = one("#f-words");
      if (words && field.value) words.focus();
    } else if (field.name === "category") {
      const picked = one("input[name=kind]:checked", form);
      if (!picked && field.dataset.kind) check("kind", field.dataset.kind);
      put("need", field.dataset.wish);
      look(["aside"]);
    } else if (field.name === "unit") look(["aside"]);
    else if (field.name === "channel") look(["aside"]);
  });

  document.addEventListener("click", (event) => {
    const sets = event.target.closest("[data-sets]");
    if (sets) {
      const field = document.getElementById(sets.dataset.sets);
      field.value = sets.dataset.value;
      field.focus();
      told();
      return;
    }
    const repeat = event.target.closest("[data-repeat]");
    if (!repeat) return;
    put("repeat_of", repeat.dataset.repeat, true);
    check("kind", "complaint");
    check("urgency", "urgent");
    put("problem", repeat.dataset.problem);
    put("need", repeat.dataset.need || "彻底解决并说明原因");
    if (repeat.dataset.category && !check("category", repeat.dataset.category)) {
      const held = document.createElement("input");
      Object.assign(held, { type: "hidden", name: "category", value: repeat.dataset.category });
      one('[data-place="suggest"]').append(held);
    }
    told();
    look(["suggest", "aside"]);
  });

  // Where to begin: several known callers are picked with a digit, one goes straight to the story.
  if (!form.dataset.returned) {
    const callers = all("input[name=customer]", form).filter((input) => input.value);
    const chosen = one("input[name=customer]:checked", form);
    if (callers.length && !chosen) document.activeElement?.blur();
    else if (chosen || one("#f-phone").value || one("#f-words").value) one("#f-words").focus();
    else one("#f-phone").focus();
  }
  count();
} else {
  document.addEventListener("click", (event) => {
    const sets = event.target.closest("[data-sets]");
    if (!sets) return;
    const field = document.getElementById(sets.dataset.sets);
    field.value = sets.dataset.value;
    field.focus();
  });
}
show();

// A label that a shortcut reaches opens the part of the page in which it lies.
document.addEventListener("keydown", (event) => {
  if (composing(event) || !event.altKey || !event.code.startsWith("Key")) return;
  const wanted = one(`[data-alt="${event.code.slice(3)}"]`);
  const closed = wanted && wanted.closest("details:not([open])");
  if (closed) closed.open = true;
}, true);
