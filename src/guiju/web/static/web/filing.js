// The copy panel: one press copies a field; the next field's button gets the focus, so that the whole contract is
// typed over with Enter alone.
const buttons = [...document.querySelectorAll("[data-copies-from]")];
if (navigator.clipboard) {
  for (const button of buttons) button.hidden = false;
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies-from]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copiesFrom);
  field.select();
  await navigator.clipboard.writeText(field.value);
  for (const one of buttons) one.classList.toggle("btn-primary", one === button);
  buttons[buttons.indexOf(button) + 1]?.focus();
});
