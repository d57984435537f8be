// Dialogs of the staff console for who uses the keyboard. unfold fills, shows and hides them; this minds the focus.

const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea";

function mind(content) {
  let opener = null;
  const controls = () => [...content.querySelectorAll(CONTROLS)];
  const isShown = () => content.offsetParent !== null;

  content.setAttribute("role", "dialog");
  content.setAttribute("aria-modal", "true");
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === content) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (content.contains(event.detail.target)) content.setAttribute("aria-label", content.querySelector("h1")?.textContent.trim() ?? "");
    if (event.detail.target.id === "dialog-form") controls()[0]?.focus(); // what was typed is refused
  });
  new MutationObserver(() => {
    if (isShown()) {
      if (!content.contains(document.activeElement)) controls()[0]?.focus();
      return;
    }
    opener?.focus();
    opener = null;
  }).observe(content.parentElement, { attributeFilter: ["style"] });
  content.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const all = controls();
    const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (document.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const content = document.getElementById("modal-content");
  if (content) mind(content);
});
