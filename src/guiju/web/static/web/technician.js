// The technician's phone. Every act is first kept on the phone, then sent; without a network it waits and is counted.
import { all, newKey, once, one } from "./dom.js";
import { shrink } from "./files.js";
import { startSignatures } from "./signature.js";
import { Refused, SignedOut, drop, everything, put, send } from "./technician-outbox.js";

const DAY = 24 * 3600 * 1000;
const { body } = document;
const me = body.dataset.person || "";
const AHEAD = "technician-ahead";
let offset = Number(localStorage.getItem(AHEAD)) || 0;
let busy = false;
let signedOut = false;

document.documentElement.classList.add("has-script");

// --- the clock: this page may have been kept for hours, so the server is asked how far the phone's clock is off --------
async function setClock() {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), 3000);
  try {
    const answer = await fetch(body.dataset.alive, { credentials: "same-origin", cache: "no-store", signal: patience.signal });
    if (!answer.ok || answer.redirected) return;
    offset = Date.parse((await answer.json()).now) - Date.now() || 0;
    localStorage.setItem(AHEAD, String(offset));
  } catch {
    // No network: what was last known of the clock holds.
  } finally {
    clearTimeout(timer);
  }
}
const clockSet = navigator.onLine ? setClock() : Promise.resolve();

// --- pictures: shrunk on the phone, shown at once --------------------------------------------------------------------
const pictures = new WeakMap();
// Those still being made smaller: an act that is pressed meanwhile waits for them.
const shrinking = new WeakMap();

function show(zone, blob, name) {
  const mark = document.createElement("span");
  mark.className = "photo";
  const image = document.createElement("img");
  image.src = URL.createObjectURL(blob);
  image.alt = "已存本机";
  const away = document.createElement("button");
  away.type = "button";
  away.textContent = "×";
  away.setAttribute("aria-label", "去掉这张");
  mark.append(image, away);
  zone.prepend(mark);
  const kept = pictures.get(zone) || [];
  const picture = { name: zone.dataset.photos, blob, filename: name };
  kept.push(picture);
  pictures.set(zone, kept);
  away.addEventListener("click", () => { mark.remove(); pictures.set(zone, (pictures.get(zone) || []).filter((one) => one !== picture)); });
}

async function bringIn(zone, files) {
  for (const file of files) {
    const small = await shrink(file);
    if (!("several" in zone.dataset)) { all(".photo", zone).forEach((old) => old.remove()); pictures.set(zone, []); }
    show(zone, small, small.name || "照片.jpg");
  }
}

function startPhotos(root) {
  all("[data-photos]", root).forEach((zone) => {
    if (!once(zone, "Photos")) return;
    all("input[type=file]", zone).forEach((input) => input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      shrinking.set(zone, Promise.resolve(shrinking.get(zone)).then(() => bringIn(zone, files)));
    }));
  });
}

function startMany(root) {
  all("[data-many]", root).forEach((box) => {
    if (!once(box, "Many")) return;
    const rows = one("[data-many-rows]", box);
    one("[data-many-add]", box).addEventListener("click", () => {
      const number = rows.children.length;
      const row = one("template", box).content.cloneNode(true);
      all("[name],[id],[for],[data-photos]", row).forEach((part) => {
        ["name", "id", "for", "data-photos"].forEach((what) => {
          const value = part.getAttribute(what);
          if (value) part.setAttribute(what, value.replace("__n__", number));
        });
      });
      rows.append(row);
      startPhotos(rows.lastElementChild);
      const first = one("input:not([type=hidden]),select,textarea", rows.lastElementChild);
      if (first) first.focus();
    });
  });
}

// --- keeping and sending ---------------------------------------------------------------------------------------------
function record(form, pressed) {
  const fields = [];
  new FormData(form).forEach((value, name) => {
    if (value instanceof File || ["csrfmiddlewaretoken", "key", "happened_at"].includes(name)) return;
    if (value !== "") fields.push([name, value]);
  });
  const files = all("[data-photos]", form).flatMap((zone) => (pictures.get(zone) || []).map((picture) => ({ ...picture })));
  const box = form.closest("[data-visit]");
  return {
    key: newKey(), person: me, number: box ? box.dataset.visit : "", url: form.getAttribute("action"), step: form.dataset.step,
    label: form.dataset.label, at: new Date(pressed + offset).toISOString(), fields, files, state: "waiting", reasons: [],
  };
}

async function keepAct(form) {
  const button = one("button:not([type=button])", form);
  const pressed = Date.now();
  button.disabled = true;
  try {
    await clockSet;
    await Promise.all(all("[data-photos]", form).map((zone) => shrinking.get(zone)));
    const kept = record(form, pressed);
    kept.id = await put(kept);
    form.dataset.kept = "1";
    await paint();
    await flush();
  } catch (error) {
    say(`手机存不下了，请先上传或腾出空间（${error.message || error.name}）`, "bad");
  } finally {
    button.disabled = false;
  }
}

async function flush() {
  if (busy || !navigator.onLine) { await paint(); return; }
  busy = true;
  const stopped = new Set();
  try {
    for (const kept of (await everything()).filter((one) => one.person === me)) {
      if (kept.state === "refused") { stopped.add(kept.number); continue; }
      if (stopped.has(kept.number)) continue;
      try {
        const told = await send(kept, body.dataset.upload);
        await drop(kept.id);
        done(kept, told);
      } catch (error) {
        if (error instanceof Refused) {
          kept.state = "refused";
          kept.reasons = error.reasons;
          await put(kept);
          stopped.add(kept.number);
        } else {
          signedOut = error instanceof SignedOut;
          break;
        }
      }
      await paint();
    }
  } finally {
    busy = false;
    await paint();
  }
}

/** The server has it: the visit goes on. */
function done(kept, told) {
  signedOut = false;
  const box = one(`[data-visit="${CSS.escape(kept.number)}"][data-reached]`);
  if (!box) return;
  box.dataset.reached = told.reached ?? box.dataset.reached;
  const words = one("[data-visit-words]");
  if (words && told.label) words.textContent = told.label;
  const act = one(`[data-act="${CSS.escape(kept.step)}"]`, box);
  if (act) { act.classList.add("act-done"); one("[data-act-words]", act).textContent = "已办"; act.open = false; delete act.dataset.waits; }
  all("[data-act]:not(.act-done)", box).forEach((other) => {
    const why = (told.waits || {})[other.dataset.act];
    if (why !== undefined && !other.dataset.waits) one("[data-act-words]", other).textContent = why;
  });
  if (told.reached >= 7) all(".aside-title, .act-aside", box).forEach((part) => { part.hidden = true; });
  advance(box, kept.step);
}

/** Open the next act of the way. */
function advance(box, step) {
  const way = all("[data-act]:not(.act-aside)", box);
  const place = way.findIndex((act) => act.dataset.act === step);
  const next = place < 0 ? null : way.slice(place + 1).find((act) => !act.classList.contains("act-done") && !act.dataset.waits);
  if (next) { next.open = true; next.scrollIntoView({ block: "start" }); }
}

// --- saying how it stands --------------------------------------------------------------------------------------------
function say(words, state) {
  all("[data-sync]").forEach((place) => {
    place.dataset.syncState = state;
    one("[data-sync-words]", place).textContent = words;
    const picture = one(`[data-sync-${state}]`, place);
    if (picture) one("[data-sync-icon]", place).replaceChildren(picture.content.cloneNode(true));
  });
}

async function paint() {
  const kept = await everything();
  const mine = kept.filter((one) => one.person === me);
  const others = kept.length - mine.length;
  const refused = mine.filter((one) => one.state === "refused");
  const waiting = mine.length - refused.length;
  if (refused.length) say(`${refused.length} 项没有办成`, "bad");
  else if (waiting) say(`${waiting} 项待上传`, "wait");
  else say(navigator.onLine ? "已同步" : "没有网络", navigator.onLine ? "ok" : "wait");
  const panel = one("[data-outbox-panel]");
  panel.hidden = !mine.length && !others;
  const old = mine.some((one) => Date.now() + offset - Date.parse(one.at) > DAY);
  one("[data-outbox-words]", panel).textContent = refused.length
    ? `${refused.length} 项没有办成，请看原因${waiting ? `，另有 ${waiting} 项在等` : ""}`
    : waiting
      ? `${waiting} 项已存本机，${signedOut ? "请重新登录后上传" : navigator.onLine ? "正在等上传" : "联网后自动上传"}${old ? "；已超过一天，请尽快联网" : ""}`
      : `另一个账号有 ${others} 项没有上传，请他登录后上传`;
  const list = one("[data-outbox-list]", panel);
  list.replaceChildren(...mine.map(line));
  all("[data-act]").forEach((act) => {
    const box = act.closest("[data-visit]");
    const waits = mine.find((one) => one.number === box.dataset.visit && one.step === act.dataset.act);
    if (waits) {
      act.dataset.waits = waits.state;
      one("[data-act-words]", act).textContent = waits.state === "refused" ? "没有办成，看上面的原因" : "已存本机，等上传";
      if (waits.state !== "refused" && act.open && waits.key !== act.dataset.seen) { act.dataset.seen = waits.key; act.open = false; advance(box, act.dataset.act); }
    } else if (act.dataset.waits) {
      delete act.dataset.waits;
    }
  });
}

function line(kept) {
  const item = one("template[data-outbox-item]").content.cloneNode(true).firstElementChild;
  one("[data-item-label]", item).textContent = `${kept.label}　${kept.number}`;
  const when = new Date(kept.at).toLocaleString("zh-CN", { hour12: false, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  one("[data-item-when]", item).textContent = `${when}${kept.files.length ? `，照片 ${kept.files.length} 张` : ""}${kept.state === "refused" ? "" : "，等上传"}`;
  one("[data-item-reasons]", item).replaceChildren(...kept.reasons.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  const acts = one("[data-item-acts]", item);
  acts.hidden = kept.state !== "refused";
  one("[data-item-drop]", item).addEventListener("click", async () => { await drop(kept.id); await paint(); await flush(); });
  one("[data-item-edit]", item).addEventListener("click", () => edit(kept));
  return item;
}

/** Bring a refused act back into its form, with what was typed and the pictures. */
async function edit(kept) {
  const act = one(`[data-visit="${CSS.escape(kept.number)}"] [data-act="${CSS.escape(kept.step)}"]`);
  if (!act) { location.href = kept.url.replace(/[^/]+\/$/, ""); return; }
  const form = one("form", act);
  all("[data-many]", form).forEach((box) => {
    const most = Math.max(-1, ...kept.fields.filter(([name]) => name.startsWith(`${box.dataset.many}.`)).map(([name]) => Number(name.split(".")[1])));
    while (one("[data-many-rows]", box).children.length <= most) one("[data-many-add]", box).click();
  });
  all("input[type=checkbox]", form).forEach((input) => { input.checked = kept.fields.some(([name, value]) => name === input.name && value === input.value); });
  kept.fields.forEach(([name, value]) => all(`[name="${CSS.escape(name)}"]`, form).forEach((input) => { if (!["checkbox", "file", "radio"].includes(input.type)) input.value = value; }));
  all("[data-photos]", form).forEach((zone) => kept.files.filter((file) => file.name === zone.dataset.photos).forEach((file) => show(zone, file.blob, file.filename)));
  await drop(kept.id);
  await paint();
  act.open = true;
  act.scrollIntoView({ block: "start" });
}

// --- start -----------------------------------------------------------------------------------------------------------
all("form[data-outbox]").forEach((form) => form.addEventListener("submit", (event) => { event.preventDefault(); keepAct(form); }));
one("[data-outbox-send]").addEventListener("click", () => { if (signedOut) location.href = `${body.dataset.login}?next=${encodeURIComponent(location.pathname)}`; else flush(); });
startPhotos(document);
startMany(document);
startSignatures();
window.addEventListener("online", () => { setClock(); flush(); });
window.addEventListener("offline", paint);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") flush(); });
setInterval(flush, 20_000);
paint().then(flush);

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(body.dataset.worker, { scope: "/technician/" }).then(() => navigator.serviceWorker.ready).then((worker) => {
    const list = one("[data-precache]");
    const keep = [location.pathname, ...(list ? list.dataset.precache.split(" ").filter(Boolean) : [])];
    worker.active?.postMessage({ keep });
  }).catch(() => {});
}
