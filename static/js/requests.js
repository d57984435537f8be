// What every htmx request on the site shares: the CSRF header, form answers with errors, and a word when one fails.
import { csrfToken } from "./csrf.js";
import { showToast, toastWords } from "./toast.js";

const INVALID = 400;

const isFragment = (xhr) =>
  (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html") && !/^\s*<!doctype/i.test(xhr.responseText);

/** The sentence of a JSON refusal, or of an error page, when the answer has one. */
const reason = (xhr) => {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  if (type.includes("json")) {
    try {
      return JSON.parse(xhr.responseText).detail ?? "";
    } catch {
      return "";
    }
  }
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  return page.querySelector("[data-error-message]")?.textContent.trim() ?? "";
};

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
});

// A form answered with 400 comes back with its errors beside the fields: show it like any other answer.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status === INVALID && isFragment(detail.xhr)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

document.addEventListener("htmx:responseError", ({ detail }) =>
  showToast({ title: toastWords("failed"), text: reason(detail.xhr), tone: "danger" }));

for (const name of ["htmx:sendError", "htmx:timeout"])
  document.addEventListener(name, () =>
    showToast({ title: toastWords("offline"), text: toastWords("offlineText"), tone: "danger" }));

// A view may say something in its answer: HX-Trigger: {"toast": {"title": "Saved", "tone": "success"}}
document.addEventListener("toast", ({ detail }) => showToast(detail));
