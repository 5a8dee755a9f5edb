// Acts wait here until the server has them: one record per act, with the client's own key, so nothing happens twice.
const NAME = "technician";
const STORE = "acts";

function open() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

async function run(mode, act) {
  const base = await open();
  return new Promise((done, fail) => {
    const turn = base.transaction(STORE, mode);
    const request = act(turn.objectStore(STORE));
    turn.oncomplete = () => { base.close(); done(request && request.result); };
    turn.onerror = () => { base.close(); fail(turn.error); };
    turn.onabort = () => { base.close(); fail(turn.error); };
  });
}

export const put = (record) => run("readwrite", (store) => store.put(record));
export const drop = (id) => run("readwrite", (store) => store.delete(id));
export const everything = () => run("readonly", (store) => store.getAll());

export class Refused extends Error {
  constructor(title, reasons) { super(title); this.reasons = reasons; }
}
export class SignedOut extends Error {}

function token() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  if (cookie) return decodeURIComponent(cookie.split("=")[1]);
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST", body, credentials: "same-origin", redirect: "follow",
    headers: { Accept: "application/json", "X-CSRFToken": token() },
  });
  const json = (answer.headers.get("content-type") || "").includes("json");
  if (answer.redirected && !json) throw new SignedOut("请重新登录");
  const told = json ? await answer.json() : {};
  if (answer.ok && json) return told;
  if (answer.status >= 500 || answer.status === 429) throw new Error("服务器正忙");
  if (!json && answer.status === 403) throw new SignedOut("请重新登录");
  throw new Refused(told.title || "没有办成", told.reasons || [told.words || "服务器没有接受，请打开事项查看"]);
}

/** Send one record: its pictures first, each once, then the act under its own key. */
export async function send(record, upload) {
  for (const file of record.files) {
    if (file.sha256) continue;
    const body = new FormData();
    body.append("file", file.blob, file.filename);
    file.sha256 = (await post(upload, body)).sha256;
    await put(record);
  }
  const body = new FormData();
  record.fields.forEach(([name, value]) => body.append(name, value));
  record.files.forEach((file) => body.append(file.name, file.sha256));
  body.append("key", record.key);
  body.append("happened_at", record.at);
  return post(record.url, body);
}
