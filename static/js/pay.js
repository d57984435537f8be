// Paying by card: the provider's own field takes the card and talks to the bank; we only hear how it ended.
import { csrfToken } from "./csrf.js";

const form = document.querySelector("[data-pay]");
const button = form.querySelector("button");
const newCard = form.querySelectorAll("[data-new-card]");
const errorLine = form.querySelector("[data-error]");
const keep = form.querySelector("[data-keep-card]");

const stripe = window.Stripe?.(form.dataset.key);
const card = stripe?.elements().create("card", { style: { base: look() } });

function look() {
  const { color, fontFamily, fontSize } = getComputedStyle(document.body);
  return { color, fontFamily, fontSize };
}

const chosen = () => form.querySelector("[name=payment_method]:checked")?.value ?? "";

const sayError = (text) => {
  errorLine.hidden = !text;
  errorLine.querySelector("[data-error-text]").textContent = text;
};

const showChoice = () => {
  newCard.forEach((part) => { part.hidden = chosen() !== ""; });
  sayError("");
};

const busy = (on) => {
  button.disabled = on;
  if (on) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
};

/** Our payment for this work: made on the first call, the same one on every further. */
const start = async () => {
  const response = await fetch(form.dataset.start, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
};

const confirmed = (secret) => {
  const saved = chosen();
  if (saved) return stripe.confirmCardPayment(secret, { payment_method: saved });
  const data = { payment_method: { card } };
  if (keep.checked) data.setup_future_usage = "on_session";
  return stripe.confirmCardPayment(secret, data);
};

/** The server asks the provider and sends us where the payment's state belongs. */
const goOn = () => {
  form.querySelectorAll("[name=payment_method]").forEach((input) => { input.disabled = true; });
  form.submit();
};

const pay = async () => {
  const { client_secret: secret, is_open: isOpen } = await start();
  if (!isOpen) return goOn();
  const { error } = await confirmed(secret);
  if (!error || error.code === "payment_intent_unexpected_state") return goOn();
  busy(false);
  sayError(error.message ?? form.dataset.sayFailed);
  errorLine.focus();
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.disabled) return;
  if (!stripe) return sayError(form.dataset.sayOffline);
  busy(true);
  sayError("");
  try {
    await pay();
  } catch (error) {
    busy(false);
    sayError(error instanceof TypeError || error instanceof SyntaxError ? form.dataset.sayOffline : error.message);
  }
});

form.addEventListener("change", showChoice);
addEventListener("pageshow", () => busy(false));
card?.mount(form.querySelector("[data-card]"));
card?.on("change", ({ error }) => sayError(error?.message ?? ""));
if (!stripe) sayError(form.dataset.sayOffline);
