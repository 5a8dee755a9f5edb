// What was typed is kept in this browser, by person, case and step, until the server has it.
import { all, clock, once, one } from "./dom.js";

const SENT = "draft:sent";
const KEEP = 14 * 24 * 3600 * 1000;

function name(form) { return `draft:${document.body.dataset.person || ""}:${form.dataset.draft}`; }

function read(form) {
  const values = [];
  all("input, select, textarea", form).forEach((field) => {
    if (!field.name || ["hidden", "file", "password", "submit", "button"].includes(field.type)) return;
    if (field.hasAttribute("data-secret")) return;
    if (["checkbox", "radio"].includes(field.type)) { if (field.checked) values.push([field.name, field.value]); }
    else if (field.value !== field.defaultValue || field.tagName === "SELECT") values.push([field.name, field.value]);
  });
  return values;
}

function keep(form) {
  try {
    const groups = all("[data-group]", form).map((box) => [box.dataset.group, one(":scope > [data-items]", box).children.length]);
    localStorage.setItem(name(form), JSON.stringify({ at: Date.now(), values: read(form), groups }));
    say(form, `草稿已存 ${clock()}`);
  } catch {
    say(form, "这台电脑存不下草稿，请尽快提交");
  }
}

function say(form, words) {
  const place = one("[data-draft-words]") || one("[data-draft-words]", form);
  if (place) place.textContent = words;
}

function bring(form, kept) {
  for (const [group, count] of kept.groups || []) {
    const box = one(`[data-group="${CSS.escape(group)}"]`, form);
    const add = box && one(":scope > [data-add]", box);
    while (box && add && one(":scope > [data-items]", box).children.length < count) add.click();
  }
  const given = new Map();
  kept.values.forEach(([field, value]) => given.set(field, [...(given.get(field) || []), value]));
  for (const [field, values] of given) {
    all(`[name="${CSS.escape(field)}"]`, form).forEach((input) => {
      if (["checkbox", "radio"].includes(input.type)) input.checked = values.includes(input.value);
      else if (input.type !== "hidden") [input.value] = values;
    });
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

// What was sent from the page before and led on to another page has arrived: its draft would only be sent twice.
function arrived() {
  const sent = sessionStorage.getItem(SENT);
  if (!sent) return;
  sessionStorage.removeItem(SENT);
  const [way] = performance.getEntriesByType("navigation");
  const led = way && way.redirectCount > 0 && (way.responseStatus || 200) < 400;
  if (led && document.body.dataset.person && !all("form[data-draft]").some((form) => name(form) === sent)) localStorage.removeItem(sent);
}

export function startDrafts() {
  if (once(document.body, "Arrived")) arrived();
  all("form[data-draft]").forEach((form) => {
    if (!once(form, "Draft")) return;
    let timer = 0;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 600); });
    document.addEventListener("draft:now", () => keep(form));
    window.addEventListener("pagehide", () => {
      if (form.dataset.sent) sessionStorage.setItem(SENT, name(form));
      else if (timer) keep(form);
    });
    try {
      const text = localStorage.getItem(name(form));
      if (!text) return;
      const kept = JSON.parse(text);
      if (Date.now() - kept.at > KEEP || !kept.values.length) { localStorage.removeItem(name(form)); return; }
      // After a refusal the server sends back what was typed; that is newer than the draft.
      if (form.dataset.returned) return;
      const note = one("[data-draft-offer]");
      if (note) {
        note.hidden = false;
        const when = one("[data-draft-when]", note);
        if (when) when.textContent = new Date(kept.at).toLocaleString("zh-CN", { hour12: false, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
        one("[data-draft-take]", note).addEventListener("click", () => { bring(form, kept); note.hidden = true; say(form, "已取回草稿"); });
        one("[data-draft-drop]", note).addEventListener("click", () => { localStorage.removeItem(name(form)); note.hidden = true; });
      } else bring(form, kept);
    } catch {
      localStorage.removeItem(name(form));
    }
  });

  // The page after a taken step says which draft is no longer needed.
  all("[data-draft-done]").forEach((mark) => {
    localStorage.removeItem(`draft:${document.body.dataset.person || ""}:${mark.dataset.draftDone}`);
  });
  // Signing out leaves nothing of this person in the browser.
  all("form[data-signs-out]").forEach((form) => {
    if (!once(form, "Out")) return;
    form.addEventListener("submit", () => {
      Object.keys(localStorage).filter((key) => key.startsWith("draft:")).forEach((key) => localStorage.removeItem(key));
      window.caches?.delete("technician");
    });
  });
}
