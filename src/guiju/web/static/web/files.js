// Attachments go up one by one before the act, with their progress; pictures are made smaller first.
import { all, csrf, once, one } from "./dom.js";

const SIDE = 1600;
const MOST = 20 * 1024 * 1024;
const PICTURE = /^image\/(jpeg|png|webp)$/;

/** A picture of at most 1600 px as JPEG; anything else as it is. */
export async function shrink(file) {
  if (!PICTURE.test(file.type) || file.size < 300_000) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}

function send(address, file, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name);
    body.append("taken_at", new Date(file.lastModified).toISOString());
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* not JSON: an error page */ }
      if (request.status < 300 && answer.sha256) done(answer);
      else fail(new Error(answer.words || "没有传上去，点「再传一次」"));
    });
    request.addEventListener("error", () => fail(new Error("没有网络，联网后点「再传一次」")));
    request.send(body);
  });
}

export async function take(zone, file) {
  const template = one("template[data-file]", zone);
  const line = template.content.firstElementChild.cloneNode(true);
  one("[data-file-name]", line).textContent = file.name;
  one("[data-files]", zone).append(line);
  const words = one("[data-file-words]", line);
  const bar = one("progress", line);
  const again = one("[data-file-again]", line);
  const go = async () => {
    again.hidden = true;
    bar.hidden = false;
    line.dataset.uploading = "1";
    words.textContent = "正在上传";
    try {
      const small = await shrink(file);
      if (small.size > MOST) throw new Error(`文件有 ${(small.size / 1048576).toFixed(1)} MB，最多 20 MB，请压缩后再传`);
      const answer = await send(zone.dataset.upload, small, (part) => { bar.value = part; });
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = zone.dataset.name;
      hidden.value = answer.sha256;
      line.append(hidden);
      bar.hidden = true;
      words.textContent = "已上传";
      zone.dispatchEvent(new Event("change", { bubbles: true }));
    } catch (problem) {
      bar.hidden = true;
      words.textContent = problem.message;
      again.hidden = false;
    }
    delete line.dataset.uploading;
    zone.dispatchEvent(new Event("files:settled", { bubbles: true }));
  };
  again.addEventListener("click", go);
  one("[data-file-remove]", line).addEventListener("click", () => {
    line.remove();
    zone.dispatchEvent(new Event("change", { bubbles: true }));
    zone.dispatchEvent(new Event("files:settled", { bubbles: true }));
    one("input[type=file]", zone).focus();
  });
  await go();
}

export function startFiles() {
  all("[data-upload]").forEach((zone) => {
    if (!once(zone, "Files")) return;
    const field = one("input[type=file]", zone);
    const accept = (list) => [...list].forEach((file) => take(zone, file));
    field.addEventListener("change", () => { accept(field.files); field.value = ""; });
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => { event.preventDefault(); zone.classList.remove("over"); accept(event.dataTransfer.files); });
    zone.addEventListener("paste", (event) => { if (event.clipboardData.files.length) accept(event.clipboardData.files); });
  });
}
