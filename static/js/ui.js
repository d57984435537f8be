// Pages work without this file; it opens dialogs, closes menus and keeps a form from being sent twice.
import "./requests.js";

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const target = event.target.closest?.(selector);
    if (target) act(target, event);
  });

// Dialogs

on("click", "[data-open]", (button) => {
  const menu = button.closest("details.menu");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus(); // where the dialog gives the focus back, as the item is hidden then
  }
  document.getElementById(button.dataset.open)?.showModal();
});
on("click", "[data-close]", (button) => button.closest("dialog").close());
on("click", "dialog", (dialog, event) => {
  if (event.target === dialog) dialog.close(); // its backdrop
});

// Menus close on Escape and on a click elsewhere.

const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  closeMenus();
  open?.querySelector("summary").focus();
});

// Notices and banners

on("click", "[data-dismiss]", (button) => button.closest(".note, .banner").remove());

// Theme

const markTheme = () => {
  const chosen = localStorage.getItem("theme") ?? "system";
  document.querySelectorAll("[data-theme]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.theme === chosen)));
};

on("click", "[data-theme]", (button) => {
  if (button.dataset.theme === "system") localStorage.removeItem("theme");
  else localStorage.setItem("theme", button.dataset.theme);
  dispatchEvent(new Event("storage")); // theme.js listens
  markTheme();
});
markTheme();

// Fields

on("click", "[data-reveal]", (button) => {
  const input = document.getElementById(button.dataset.reveal);
  const hidden = input.type === "password";
  input.type = hidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(hidden));
});

on("click", "[data-copy]", async (button) => {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.innerText);
    button.querySelector("[data-copied]").textContent = button.dataset.done;
  } catch {
    getSelection().selectAllChildren(source);
    source.select?.(); // the browser does not let us: the person presses Ctrl+C
  }
});

// The search in the top bar goes to the list that is chosen beside it.
on("change", "[data-search-in]", (select) => {
  select.form.action = select.selectedOptions[0].dataset.action;
});

// A summary of errors takes the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus();

// A row of links that scrolls sideways begins at the page one is on.
document.querySelectorAll(":is(.side-nav, .tabs) > [aria-current]").forEach((link) => {
  const row = link.parentElement;
  const [here, room] = [link.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += here.left - room.left - (room.width - here.width) / 2;
});

// A form is sent once; coming back to the page frees it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
const freeForms = (root) =>
  root.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
addEventListener("pageshow", () => freeForms(document));
document.addEventListener("htmx:afterRequest", () => freeForms(document));

// List and map: one at a time on narrow screens; a row and its place light up together.

on("click", "button[data-view]", (button) => {
  document.querySelector(".map-list").dataset.view = button.dataset.view;
  for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
  document.dispatchEvent(new CustomEvent("view:change", { detail: button.dataset.view }));
});

const light = (id, lit) => {
  document.querySelectorAll(`[data-place="${id}"]`).forEach((node) => node.classList.toggle("is-lit", lit));
};
for (const [type, lit] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]])
  on(type, "[data-place]", (node) => light(node.dataset.place, lit));
