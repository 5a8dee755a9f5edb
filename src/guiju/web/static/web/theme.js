// Light or dark. Kept in a cookie so that the server paints the first frame right.
import { all } from "./dom.js";

export function startTheme() {
  all("form[data-theme-form]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const wanted = event.submitter ? event.submitter.value : "";
      event.preventDefault();
      if (wanted) document.documentElement.dataset.theme = wanted;
      else delete document.documentElement.dataset.theme;
      all("[name=theme]", form).forEach((button) => {
        if (button.value === wanted) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
      });
      const body = new FormData(form);
      body.set("theme", wanted);
      fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual" });
    });
  });
}
