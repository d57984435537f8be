// Paying: the provider's own field takes a card and talks to the bank; we only hear how it ended. PayPal is a plain form.
import { csrfToken } from "./csrf.js";

const BY_PAYPAL = "paypal";
// After these the provider may have taken the money all the same.
const UNHEARD = ["api_connection_error", "api_error"];
// Of these the server knows more, or says it better.
const DECIDED_ELSEWHERE = ["payment_intent_unexpected_state", "payment_intent_authentication_failure"];
const form = document.querySelector("[data-pay]");
const button = form.querySelector("button");
const newCard = form.querySelectorAll("[data-new-card]");
const errorLine = form.querySelector("[data-error]");
const keep = form.querySelector("[data-keep-card]");

const stripe = window.Stripe?.(form.dataset.key);
const elements = stripe?.elements({
  mode: "payment",
  amount: Number(form.dataset.amount),
  currency: form.dataset.currency,
  paymentMethodTypes: ["card"],
  paymentMethodCreation: "manual",
  appearance: look(),
});
const field = elements?.create("payment", { wallets: { applePay: "never", googlePay: "never" } });

/** The provider draws its field in a frame of its own, so it is told what the page looks like. */
function look() {
  const style = getComputedStyle(document.body);
  const dark = document.documentElement.dataset.bsTheme === "dark";
  const variables = { colorText: style.color, colorBackground: style.backgroundColor, fontFamily: style.fontFamily };
  return { theme: dark ? "night" : "stripe", variables };
}

new MutationObserver(() => elements?.update({ appearance: look() })).observe(document.documentElement, {
  attributeFilter: ["data-bs-theme"],
});

const chosen = () => form.querySelector("[name=payment_method]:checked")?.value ?? "";

const sayError = (text) => {
  errorLine.hidden = !text;
  errorLine.querySelector("[data-error-text]").textContent = text;
};

const showChoice = () => {
  newCard.forEach((part) => { part.hidden = chosen() !== ""; });
};

const busy = (on) => {
  button.disabled = on;
  if (on) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
};

/** Our payment for this work: made on the first call, the same one on every further. */
const start = async () => {
  const response = await fetch(form.dataset.start, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  if (response.redirected) return location.reload(); // signed out meanwhile: the page leads through the door
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
};

/** The card to pay with: a saved one, or what was entered, which the provider keeps under an id. */
const card = async () => {
  if (chosen()) return { id: chosen() };
  const { error: incomplete } = await elements.submit();
  if (incomplete) return { error: incomplete };
  const { error, paymentMethod } = await stripe.createPaymentMethod({ elements });
  return { error, id: paymentMethod?.id };
};

/** The server asks the provider and sends us where the payment's state belongs. */
const goOn = () => {
  form.querySelectorAll("[name=payment_method]").forEach((input) => { input.disabled = true; });
  form.submit();
};

/** What is wrong with an entry the provider's field says itself. */
const refuse = (error) => {
  busy(false);
  if (error.type === "validation_error") return field.focus();
  sayError(UNHEARD.includes(error.type) ? form.dataset.sayOffline : error.message ?? form.dataset.sayFailed);
  errorLine.focus();
};

const pay = async () => {
  const { error: unusable, id } = await card();
  if (unusable) return refuse(unusable);
  const started = await start();
  if (!started) return;
  const { client_secret: clientSecret, is_open: isOpen } = started;
  if (!isOpen) return goOn();
  const confirmParams = { payment_method: id, return_url: location.href };
  if (!chosen() && keep.checked) confirmParams.setup_future_usage = "on_session";
  const { error } = await stripe.confirmPayment({ clientSecret, confirmParams, redirect: "if_required" });
  const mayBePaid = UNHEARD.includes(error?.type) && navigator.onLine;
  if (error && !DECIDED_ELSEWHERE.includes(error.code) && !mayBePaid) return refuse(error);
  goOn();
};

form.addEventListener("submit", async (event) => {
  if (chosen() === BY_PAYPAL) return;
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

form.addEventListener("change", () => {
  showChoice();
  sayError("");
});
addEventListener("pageshow", () => {
  busy(false);
  showChoice();
});
field?.mount(form.querySelector("[data-card]"));
field?.on("change", ({ empty }) => { if (!empty) sayError(""); });
if (!stripe) sayError(form.dataset.sayOffline);
