// Signing on screen: strokes with pressure by speed, dark ink on white in both themes.
// Strokes and picture both go to the server; an empty pad is refused there and here.
import { all, clock, once, one } from "./dom.js";
import { take } from "./files.js";

class Pad {
  constructor(canvas) {
    this.canvas = canvas;
    this.strokes = [];
    this.width = 0;
    this.fit();
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.follow(event));
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, () => this.end()));
    // The address bar of a phone changes the height again and again: only the width counts.
    new ResizeObserver(() => { if (canvas.clientWidth !== this.width) this.fit(); }).observe(canvas);
  }

  fit() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    this.width = canvas.clientWidth;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    this.ink = canvas.getContext("2d");
    this.ink.scale(ratio, ratio);
    this.ink.strokeStyle = "#101820";
    this.ink.lineCap = "round";
    this.ink.lineJoin = "round";
    this.strokes.forEach((stroke) => stroke.forEach((point, at) => { if (at) this.line(stroke[at - 1], point); }));
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [Math.round((event.clientX - box.left) * 10) / 10, Math.round((event.clientY - box.top) * 10) / 10, Math.round(event.timeStamp)];
  }

  begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.now = [this.point(event)];
    this.strokes.push(this.now);
  }

  follow(event) {
    if (!this.now) return;
    const steps = event.getCoalescedEvents ? event.getCoalescedEvents() : [event];
    (steps.length ? steps : [event]).forEach((step) => {
      const next = this.point(step);
      this.line(this.now[this.now.length - 1], next);
      this.now.push(next);
    });
  }

  line(from, to) {
    const speed = Math.hypot(to[0] - from[0], to[1] - from[1]) / Math.max(1, to[2] - from[2]);
    this.ink.lineWidth = Math.max(1.2, 3.2 - speed);
    this.ink.beginPath();
    this.ink.moveTo(from[0], from[1]);
    this.ink.lineTo(to[0], to[1]);
    this.ink.stroke();
  }

  end() { this.now = null; this.changed?.(); }

  clear() {
    this.strokes = [];
    this.ink.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.changed?.();
  }

  get long() { return this.strokes.reduce((sum, stroke) => sum + stroke.length, 0) > 8; }
}

export function startSignatures() {
  all("[data-sign]").forEach((box) => {
    if (!once(box, "Sign")) return;
    const pad = new Pad(one("canvas", box));
    const field = one("input[type=hidden]", box);
    const words = one("[data-sign-words]", box);
    pad.changed = () => {
      if (field) field.value = pad.long ? JSON.stringify({ png: pad.canvas.toDataURL("image/png"), strokes: pad.strokes, width: pad.width }) : "";
      if (words) words.textContent = pad.long ? "已签" : pad.strokes.length ? "太短，请签全名" : "";
      box.dispatchEvent(new Event("change", { bubbles: true }));
    };
    // A list of signatures: each one goes up as a picture and joins the files.
    one("[data-sign-take]", box)?.addEventListener("click", (event) => {
      event.preventDefault();
      if (!pad.long) { words.textContent = "还没有签，或者太短"; return; }
      pad.canvas.toBlob(async (picture) => {
        await take(box.closest("[data-upload]"), new File([picture], `签字 ${clock()}.png`, { type: "image/png" }));
        pad.clear();
        words.textContent = "已加入，可以请下一位签";
      }, "image/png");
    });
    one("[data-sign-again]", box).addEventListener("click", (event) => { event.preventDefault(); pad.clear(); });
    one("[data-sign-large]", box)?.addEventListener("click", async (event) => {
      event.preventDefault();
      if (box.requestFullscreen) await box.requestFullscreen();
      screen.orientation?.lock?.("landscape").catch(() => {});
    });
  });
}
