// Repeatable groups of fields, such as several buyers. Without script the server
// adds an empty one when 「再加一个」 is pressed.
import { all, once, one } from "./dom.js";

export function startGroups() {
  all("[data-group]").forEach((box) => {
    if (!once(box, "Group")) return;
    const name = box.dataset.group;
    const holder = one(":scope > [data-items]", box);
    const template = one(":scope > template", box);
    box.addEventListener("click", (event) => {
      const add = event.target.closest("[data-add]");
      if (add && add.closest("[data-group]") === box) {
        event.preventDefault();
        const number = Number(box.dataset.next || holder.children.length);
        box.dataset.next = String(number + 1);
        const html = template.innerHTML.replaceAll("__n__", String(number));
        holder.insertAdjacentHTML("beforeend", html);
        renumber(box);
        const field = one("input, select, textarea", holder.lastElementChild);
        if (field) field.focus();
        box.dispatchEvent(new Event("change", { bubbles: true }));
        startGroups();
      }
      const remove = event.target.closest("[data-remove]");
      if (remove && remove.closest("[data-group]") === box) {
        event.preventDefault();
        remove.closest("[data-item]").remove();
        renumber(box);
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    box.dataset.next = String(holder.children.length);
    renumber(box, name);
  });
}

function renumber(box) {
  all(":scope > [data-items] > [data-item] [data-no]", box).forEach((place, at) => { place.textContent = String(at + 1); });
}
