// A form is sent once: the button says so, the key proves it. Nothing typed is left by accident.
import { all, newKey, once, one } from "./dom.js";

let dirty = false;

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A field may be called "method": ask for the attribute, never for the property.
    if (event.defaultPrevented || (form.getAttribute("method") || "get").toLowerCase() === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (one("[data-uploading]", form)) { event.preventDefault(); sendLater(form, event.submitter); return; }
    form.dataset.sent = "1";
    dirty = false;
    const key = one("input[name=key]", form);
    if (key && !key.value) key.value = newKey();
    const button = event.submitter;
    if (button) {
      button.setAttribute("aria-busy", "true");
      if (button.dataset.busy) one(".btn-text", button)?.replaceChildren(button.dataset.busy);
    }
    // The browser may come back to this very page from its memory: open the form again.
    setTimeout(() => { delete form.dataset.sent; button?.removeAttribute("aria-busy"); }, 8000);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
    all("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-form]");
    if (form) dirty = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !one("form[data-draft]")) event.preventDefault();
  });

  // Fields that only matter with a certain answer: shown by data-when="name=value".
  const weigh = () => all("[data-when]").forEach((part) => {
    const [name, wanted] = part.dataset.when.split("=");
    const form = part.closest("form");
    if (!form) return;
    const now = new FormData(form).getAll(name);
    part.hidden = !wanted.split("|").some((value) => now.includes(value));
  });
  document.addEventListener("change", (event) => {
    weigh();
    if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
  });
  weigh();

  all("form[data-confirm]").forEach((form) => {
    if (!once(form, "Confirm")) return;
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    }, true);
  });

  begin();

  // The primary act stays locked while a required control point is open, and says which.
  all("[data-points]").forEach((box) => {
    const button = one(box.dataset.points);
    const words = one("[data-missing]");
    const look = () => {
      const open = all("[data-point]", box).filter((point) => !met(point)).map((point) => point.dataset.point);
      if (words) words.textContent = open.length ? `还差：${open.join("、")}` : "";
      if (button) {
        if (open.length) button.setAttribute("aria-disabled", "true");
        else button.removeAttribute("aria-disabled");
      }
    };
    box.addEventListener("change", look);
    box.addEventListener("input", look);
    look();
    button?.addEventListener("click", (event) => {
      if (button.getAttribute("aria-disabled") !== "true") return;
      event.preventDefault();
      const point = all("[data-point]", box).find((one) => !met(one));
      (one("input, textarea, canvas", point) || point)?.focus();
    });
  });
}

// What is still on its way up belongs to what is sent: the form goes by itself when the last file is there, and stays
// where a file did not arrive.
function sendLater(form, button) {
  if (form.dataset.waits) return;
  form.dataset.waits = "1";
  const place = button && one(".btn-text", button);
  const words = place?.textContent;
  button?.setAttribute("aria-busy", "true");
  place?.replaceChildren("等文件传完…");
  const settled = () => {
    if (one("[data-uploading]", form)) return;
    form.removeEventListener("files:settled", settled);
    delete form.dataset.waits;
    button?.removeAttribute("aria-busy");
    place?.replaceChildren(words);
    const failed = all("[data-file-again]", form).find((again) => !again.hidden);
    if (failed) failed.focus();
    else form.requestSubmit(button);
  };
  form.addEventListener("files:settled", settled);
}

function met(point) {
  const box = one("input[type=checkbox]", point);
  if (box) return box.checked;
  return point.hasAttribute("data-met") || all("input, textarea, select", point).some((field) => field.value.trim());
}

// A page that is there to be filled in begins at its first field; after an answer, at what the answer is about.
function begin() {
  const form = one("form[data-begin]");
  if (!form || window.location.hash || document.activeElement !== document.body) return;
  const news = one("[data-news]", form) || one("[role=alert][tabindex]", form);
  if (news) { news.focus(); return; }
  // On a touch screen the focus would bring up the keyboard over the page.
  if (window.matchMedia("(pointer: coarse)").matches) return;
  const first = all("input, select, textarea", form)
    .find((field) => !["hidden", "file"].includes(field.type) && field.offsetParent !== null);
  first?.focus({ preventScroll: true });
}
