/**
 * The part of Stripe.js that a card payment needs, against the stand-in. Development and tests only.
 *
 * The API's address is that of this script. Everything is styled through constructed style sheets inside a shadow
 * root, so it works under a content security policy without inline styles, and card numbers never join a form.
 */
(() => {
  "use strict";

  const BASE = new URL(document.currentScript.src).origin;

  const SHEET = new CSSStyleSheet();
  SHEET.replaceSync(`
    :host { display: block; color: var(--standin-text, inherit); font: var(--standin-font, inherit); }
    .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
    .wide { grid-column: 1 / -1; }
    label { display: block; margin-bottom: 0.25rem; font-size: 0.875em; }
    input {
      box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; font: inherit; color: inherit;
      background: var(--standin-background, transparent);
      border: 1px solid color-mix(in srgb, currentColor 60%, transparent);
      border-radius: var(--standin-radius, 0.375rem);
    }
    input::placeholder { color: inherit; opacity: 0.7; }
    input:focus-visible { outline: 2px solid var(--standin-primary, currentColor); outline-offset: 1px; }
    input[aria-invalid="true"] {
      border-color: var(--standin-danger, #c62828); box-shadow: inset 0 0 0 1px var(--standin-danger, #c62828);
    }
    .problem { margin: 0.25rem 0 0; color: var(--standin-danger, #c62828); font-size: 0.875em; }
    .problem:empty { display: none; }
    dialog {
      max-width: 26rem; padding: 1.5rem; border: 0; border-radius: 0.5rem; color: #1a1f36; background: #fff;
      font: 1rem/1.5 system-ui, sans-serif;
    }
    dialog::backdrop { background: rgb(0 0 0 / 50%); }
    h2 { margin: 0 0 0.5rem; font-size: 1.25rem; }
    .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.25rem; }
    button {
      min-height: 2.75rem; padding: 0.5rem 1rem; font: inherit; color: #1a1f36; background: #fff;
      border: 1px solid #4f566b; border-radius: 0.375rem; cursor: pointer;
    }
    button.primary { color: #fff; background: #4338ca; border-color: #4338ca; }
    button:focus-visible { outline: 3px solid #1a1f36; outline-offset: 2px; }
  `);

  function make(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // Talking to the API

  function encode(params, into = new URLSearchParams(), prefix = "") {
    for (const [name, value] of Object.entries(params)) {
      const key = prefix ? `${prefix}[${name}]` : name;
      if (value === undefined || value === null) continue;
      if (typeof value === "object") encode(value, into, key);
      else into.append(key, String(value));
    }
    return into;
  }

  class Client {
    constructor(key) {
      this.key = key;
    }

    async send(method, path, params) {
      const encoded = encode(params);
      const url = BASE + path + (method === "GET" ? `?${encoded}` : "");
      const headers = { Authorization: `Bearer ${this.key}` };
      try {
        const response = await fetch(url, { method, headers, body: method === "POST" ? encoded : undefined });
        const body = await response.json();
        return response.ok ? { object: body } : { error: body.error };
      } catch {
        const message = "We are experiencing issues connecting to our payments provider. Please try again.";
        return { error: { type: "api_connection_error", message } };
      }
    }

    post(path, params) {
      return this.send("POST", path, params);
    }

    get(path, params) {
      return this.send("GET", path, params);
    }
  }

  function validationError(code, message) {
    return { type: "validation_error", code, message };
  }

  // The card element

  const BRANDS = [
    ["visa", /^4/, [16], 3],
    ["mastercard", /^(5[1-5]|2[2-7])/, [16], 3],
    ["amex", /^3[47]/, [15], 4],
    ["discover", /^6(011|5|4[4-9])/, [16], 3],
    ["jcb", /^35/, [16], 3],
  ];

  function brandOf(digits) {
    const found = BRANDS.find(([, pattern]) => pattern.test(digits));
    return found
      ? { name: found[0], lengths: found[2], cvc: found[3] }
      : { name: "unknown", lengths: [12, 13, 14, 15, 16, 17, 18, 19], cvc: 3 };
  }

  function passesLuhn(digits) {
    let sum = 0;
    [...digits].reverse().forEach((digit, position) => {
      const value = Number(digit) * (position % 2 ? 2 : 1);
      sum += value > 9 ? value - 9 : value;
    });
    return sum % 10 === 0;
  }

  const digitsOf = (text) => text.replace(/\D/g, "");

  function checkNumber(text) {
    const digits = digitsOf(text);
    const { lengths } = brandOf(digits);
    if (digits.length < Math.min(...lengths)) {
      return validationError("incomplete_number", "Your card number is incomplete.");
    }
    if (!lengths.includes(digits.length) || !passesLuhn(digits)) {
      return validationError("invalid_number", "Your card number is invalid.");
    }
    return null;
  }

  function expiryOf(text) {
    const digits = digitsOf(text);
    return { month: Number(digits.slice(0, 2)), year: Number(digits.slice(2)), length: digits.length };
  }

  function checkExpiry(text) {
    const { month, year, length } = expiryOf(text);
    if (length !== 4 && length !== 6) {
      return validationError("incomplete_expiry", "Your card's expiration date is incomplete.");
    }
    const today = new Date();
    const fullYear = length === 6 ? year : 2000 + year;
    const firstDayAfter = new Date(fullYear, month, 1);
    if (month < 1 || month > 12) {
      return validationError("invalid_expiry_month", "Your card's expiration date is invalid.");
    }
    if (firstDayAfter <= today) {
      return validationError("invalid_expiry_year_past", "Your card's expiration year is in the past.");
    }
    if (fullYear > today.getFullYear() + 50) {
      return validationError("invalid_expiry_year", "Your card's expiration year is invalid.");
    }
    return null;
  }

  function checkCvc(text, number) {
    const complete = digitsOf(text).length === brandOf(digitsOf(number)).cvc;
    return complete ? null : validationError("incomplete_cvc", "Your card's security code is incomplete.");
  }

  function showNumber(text) {
    return digitsOf(text).slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 ");
  }

  function showExpiry(text) {
    let digits = digitsOf(text).slice(0, 6);
    if (/^[2-9]/.test(digits)) digits = `0${digits}`.slice(0, 6);
    return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
  }

  const FIELDS = [
    { name: "number", label: "Card number", placeholder: "1234 1234 1234 1234", autocomplete: "cc-number", show: showNumber },
    { name: "expiry", label: "Expiry date (MM / YY)", placeholder: "MM / YY", autocomplete: "cc-exp", show: showExpiry },
    { name: "cvc", label: "Security code (CVC)", placeholder: "CVC", autocomplete: "cc-csc", show: (text) => digitsOf(text).slice(0, 4) },
  ];

  // Appearance: the themes of the payment element, and the variables that change them

  const THEMES = {
    stripe: { colorText: "#30313d", colorBackground: "#ffffff", colorPrimary: "#0570de", colorDanger: "#b3093c", borderRadius: "4px" },
    night: { colorText: "#ffffff", colorBackground: "#30313d", colorPrimary: "#85d996", colorDanger: "#fe87a1", borderRadius: "4px" },
    flat: { colorText: "#32325d", colorBackground: "#f1f1f1", colorPrimary: "#0570de", colorDanger: "#b3093c", borderRadius: "4px" },
    none: {},
  };

  const PROPERTIES = {
    colorText: "--standin-text",
    colorBackground: "--standin-background",
    colorPrimary: "--standin-primary",
    colorDanger: "--standin-danger",
    borderRadius: "--standin-radius",
  };

  function applyAppearance(host, { theme = "stripe", variables = {} } = {}) {
    if (!(theme in THEMES)) throw new Error(`Invalid value for elements(): appearance.theme has no ${theme}.`);
    const values = { ...THEMES[theme], ...variables };
    for (const [name, property] of Object.entries(PROPERTIES)) {
      if (values[name]) host.style.setProperty(property, values[name]);
      else host.style.removeProperty(property);
    }
    host.style.fontFamily = values.fontFamily ?? "";
    host.style.fontSize = values.fontSizeBase ?? "";
    host.style.colorScheme = theme === "night" ? "dark" : "";
  }

  class Element {
    constructor(type, options = {}, appearance = {}) {
      this.type = type;
      this.options = options;
      this.listeners = new Map();
      this.inputs = {};
      this.visited = new Set();
      this.host = make("div");
      const root = this.host.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [SHEET];
      root.append(this.build());
      if (type === "payment") applyAppearance(this.host, appearance);
      else this.applyStyle(options.style?.base);
      this.host.addEventListener("focusin", () => this.container?.classList.add("StripeElement--focus"));
      this.host.addEventListener("focusout", () => this.container?.classList.remove("StripeElement--focus"));
    }

    build() {
      const fields = make("div", { class: "fields", role: "group", "aria-label": "Card details" });
      for (const field of FIELDS) {
        const input = make("input", {
          id: field.name, inputmode: "numeric", autocomplete: field.autocomplete, placeholder: field.placeholder,
          "aria-required": "true",
        });
        input.addEventListener("input", () => this.typed(field, input));
        input.addEventListener("focus", () => this.tell("focus", { elementType: this.type }));
        input.addEventListener("blur", () => this.left(field));
        input.addEventListener("keydown", (event) => this.pressed(event));
        this.inputs[field.name] = input;
        const wide = field.name === "number" ? { class: "wide" } : {};
        const cell = make("div", wide, make("label", { for: field.name }, field.label), input);
        if (this.type === "payment") cell.append(this.problemLine(field, input));
        fields.append(cell);
      }
      return fields;
    }

    /** The payment element says itself what is wrong; the card element leaves that to its page. */
    problemLine(field, input) {
      const line = make("p", { id: `${field.name}-problem`, class: "problem", role: "alert" });
      input.setAttribute("aria-describedby", line.id);
      this.lines = { ...this.lines, [field.name]: line };
      return line;
    }

    /** Show every problem, as when the person submits. */
    reveal() {
      for (const field of FIELDS) this.visited.add(field.name);
      this.changed();
    }

    applyStyle(base) {
      const style = this.host.style;
      if (base?.color) style.color = base.color;
      if (base?.fontFamily) style.fontFamily = base.fontFamily;
      if (base?.fontSize) style.fontSize = base.fontSize;
    }

    typed(field, input) {
      const atEnd = input.selectionStart === input.value.length;
      const growing = input.value.length > (input.dataset.before ?? "").length;
      if (atEnd && growing) input.value = field.show(input.value);
      input.dataset.before = input.value;
      if (!this.problem(field.name)) this.visited.add(field.name);
      this.changed();
    }

    left(field) {
      if (this.inputs[field.name].value) this.visited.add(field.name);
      this.changed();
      this.tell("blur", { elementType: this.type });
    }

    pressed(event) {
      if (event.key === "Enter") this.host.closest("form")?.requestSubmit();
      if (event.key === "Escape") this.tell("escape", { elementType: this.type });
    }

    problem(name) {
      const { number, expiry, cvc } = this.inputs;
      if (name === "number") return checkNumber(number.value);
      return name === "expiry" ? checkExpiry(expiry.value) : checkCvc(cvc.value, number.value);
    }

    /** What keeps the card from being sent, or null. */
    firstProblem() {
      return FIELDS.map((field) => this.problem(field.name)).find(Boolean) ?? null;
    }

    changed() {
      const shown = FIELDS.filter((field) => this.visited.has(field.name));
      for (const field of shown) {
        const problem = this.problem(field.name);
        this.inputs[field.name].setAttribute("aria-invalid", String(Boolean(problem)));
        if (this.lines) this.lines[field.name].textContent = problem?.message ?? "";
      }
      const error = shown.map((field) => this.problem(field.name)).find(Boolean);
      const empty = FIELDS.every((field) => !this.inputs[field.name].value);
      const complete = !this.firstProblem();
      this.mark({ empty, complete, invalid: Boolean(error) });
      if (this.type === "payment") {
        this.tell("change", { elementType: "payment", empty, complete, collapsed: false, value: { type: "card" } });
        return;
      }
      const brand = brandOf(digitsOf(this.inputs.number.value)).name;
      this.tell("change", { elementType: this.type, empty, complete, brand, error, value: { postalCode: "" } });
    }

    mark(states) {
      for (const [state, on] of Object.entries(states)) {
        this.container?.classList.toggle(`StripeElement--${state}`, on);
      }
    }

    tell(event, detail) {
      for (const listener of this.listeners.get(event) ?? []) listener(detail);
    }

    on(event, listener) {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
      return this;
    }

    off(event, listener) {
      const kept = listener ? (this.listeners.get(event) ?? []).filter((other) => other !== listener) : [];
      this.listeners.set(event, kept);
      return this;
    }

    mount(target) {
      const container = typeof target === "string" ? document.querySelector(target) : target;
      if (!container) throw new Error(`The selector you specified (${target}) applies to no DOM elements.`);
      this.container = container;
      container.replaceChildren(this.host);
      container.classList.add("StripeElement", "StripeElement--empty");
      queueMicrotask(() => this.tell("ready", { elementType: this.type }));
      return this;
    }

    unmount() {
      this.host.remove();
      this.container = null;
      return this;
    }

    destroy() {
      this.unmount();
      this.listeners.clear();
    }

    update(options) {
      this.options = { ...this.options, ...options };
      for (const input of Object.values(this.inputs)) input.disabled = Boolean(this.options.disabled);
      this.applyStyle(options.style?.base);
    }

    focus() {
      this.inputs.number.focus();
    }

    blur() {
      for (const input of Object.values(this.inputs)) input.blur();
    }

    clear() {
      this.visited.clear();
      for (const input of Object.values(this.inputs)) {
        input.value = "";
        input.removeAttribute("aria-invalid");
        if (this.lines) this.lines[input.id].textContent = "";
      }
      this.changed();
    }

    card() {
      const { month, year } = expiryOf(this.inputs.expiry.value);
      const { number, cvc } = this.inputs;
      return { number: digitsOf(number.value), exp_month: month, exp_year: year, cvc: digitsOf(cvc.value) };
    }
  }

  class Elements {
    constructor(options = {}) {
      this.options = options;
      this.made = new Map();
    }

    create(type, options) {
      if (type !== "card" && type !== "payment") throw new Error(`The stand-in has no element of type ${type}.`);
      if (this.made.has(type)) throw new Error(`Can only create one Element of type ${type} through elements().`);
      if (type === "payment" && !this.options.clientSecret && !this.options.mode) {
        throw new Error("In order to create a payment element, you must pass a clientSecret or mode when creating elements.");
      }
      this.made.set(type, new Element(type, options, this.options.appearance));
      return this.made.get(type);
    }

    async fetchUpdates() {
      return {};
    }

    getElement(type) {
      return this.made.get(type) ?? null;
    }

    update(options) {
      this.options = { ...this.options, ...options };
      const element = this.made.get("payment");
      if (element && options.appearance) applyAppearance(element.host, options.appearance);
    }

    async submit() {
      this.submitted = true;
      const element = this.any();
      const error = element?.firstProblem();
      if (error) element.reveal();
      return error ? { error } : { selectedPaymentMethod: "card" };
    }

    any() {
      return this.made.get("payment") ?? this.made.get("card") ?? null;
    }
  }

  // The challenge of 3-D Secure

  function challenge() {
    return new Promise((resolve) => {
      const host = make("div");
      const root = host.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [SHEET];
      const complete = make("button", { type: "button", class: "primary" }, "Complete authentication");
      const fail = make("button", { type: "button" }, "Fail authentication");
      const dialog = make(
        "dialog",
        { "aria-labelledby": "title", "aria-describedby": "text" },
        make("h2", { id: "title" }, "3-D Secure test page"),
        make("p", { id: "text" }, "Your bank would now ask you to confirm this payment. This is a test."),
        make("div", { class: "actions" }, complete, fail),
      );
      const finish = (outcome) => {
        dialog.close();
        host.remove();
        resolve(outcome);
      };
      complete.addEventListener("click", () => finish("complete"));
      fail.addEventListener("click", () => finish("fail"));
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        finish("fail");
      });
      root.append(dialog);
      document.body.append(host);
      dialog.showModal();
    });
  }

  // Intents

  const KINDS = {
    payment_intent: { path: "/v1/payment_intents", result: "paymentIntent", lastError: "last_payment_error", prefix: "pi_" },
    setup_intent: { path: "/v1/setup_intents", result: "setupIntent", lastError: "last_setup_error", prefix: "seti_" },
  };

  function idOf(kind, clientSecret) {
    if (typeof clientSecret !== "string" || !clientSecret.startsWith(kind.prefix) || !clientSecret.includes("_secret_")) {
      throw new Error(`Invalid value for stripe.js: a client secret of the form ${kind.prefix}..._secret_... is expected.`);
    }
    return clientSecret.split("_secret_")[0];
  }

  class Intents {
    constructor(client) {
      this.client = client;
    }

    async retrieve(kind, clientSecret) {
      const { object, error } = await this.client.get(`${kind.path}/${idOf(kind, clientSecret)}`, { client_secret: clientSecret });
      return error ? { error } : { [kind.result]: object };
    }

    async confirm(kind, clientSecret, params, { handleActions = true } = {}) {
      const path = `${kind.path}/${idOf(kind, clientSecret)}/confirm`;
      const sent = { ...params, client_secret: clientSecret, use_stripe_sdk: true };
      const { object, error } = await this.client.post(path, sent);
      if (error) return { error };
      return handleActions ? this.act(kind, object) : { [kind.result]: object };
    }

    /** Do what the intent waits for, and give what it became. */
    async act(kind, intent) {
      const action = intent.next_action;
      if (intent.status !== "requires_action" || !action) return { [kind.result]: intent };
      if (action.type === "redirect_to_url") {
        window.location.assign(action.redirect_to_url.url);
        return new Promise(() => {});
      }
      const outcome = await challenge();
      const finish = { source: intent.id, client_secret: intent.client_secret, outcome };
      const { object, error } = await this.client.post("/v1/3ds2/authenticate", finish);
      if (error) return { error };
      if (object.status !== "requires_payment_method") return { [kind.result]: object };
      const name = kind === KINDS.payment_intent ? "payment_intent" : "setup_intent";
      return { error: { ...object[kind.lastError], [name]: object } };
    }
  }

  // The public object

  class StripeInstance {
    constructor(publishableKey) {
      if (!/^pk_test_/.test(publishableKey ?? "")) {
        throw new Error("Please call Stripe() with your publishable key. You used an empty or a secret key.");
      }
      this.client = new Client(publishableKey);
      this.intents = new Intents(this.client);
    }

    elements(options) {
      return new Elements(options);
    }

    async createPaymentMethod(data) {
      const element = data.elements?.any() ?? (data.card instanceof Element ? data.card : null);
      const given = data.elements ? { type: "card", ...data.params } : data;
      const { error: problem, card } = this.cardOf(element ?? given.card);
      if (problem) return { error: problem };
      const sent = { type: given.type, card, billing_details: given.billing_details, metadata: given.metadata };
      const { object, error } = await this.client.post("/v1/payment_methods", sent);
      return error ? { error } : { paymentMethod: object };
    }

    cardOf(card) {
      if (!(card instanceof Element)) return { card };
      const error = card.firstProblem();
      return error ? { error } : { card: card.card() };
    }

    /** The parameters for a payment method given as an id, as a card with details, or not at all. */
    methodParams(method) {
      if (method === undefined) return {};
      if (typeof method === "string") return { payment_method: method };
      const { error, card } = this.cardOf(method.card);
      if (error) return { error };
      return { payment_method_data: { type: "card", card, billing_details: method.billing_details } };
    }

    async confirmCard(kind, clientSecret, data = {}, options = {}) {
      const { payment_method: method, ...others } = data;
      const { error, ...params } = this.methodParams(method);
      if (error) return { error };
      if (method === undefined) {
        const current = await this.intents.retrieve(kind, clientSecret);
        if (current.error) return current;
        if (current[kind.result].status === "requires_action") return this.intents.act(kind, current[kind.result]);
      }
      return this.intents.confirm(kind, clientSecret, { ...others, ...params }, options);
    }

    confirmCardPayment(clientSecret, data, options) {
      return this.confirmCard(KINDS.payment_intent, clientSecret, data, options);
    }

    confirmCardSetup(clientSecret, data, options) {
      return this.confirmCard(KINDS.setup_intent, clientSecret, data, options);
    }

    async confirmWithElements(kind, { elements, clientSecret, confirmParams = {}, redirect = "always" }) {
      const secret = clientSecret ?? elements?.options.clientSecret;
      if (redirect !== "if_required" && !confirmParams.return_url) {
        throw new Error("confirmParams.return_url is required when redirect is not if_required.");
      }
      if (elements?.options.mode && !elements.options.clientSecret && !elements.submitted) {
        throw new Error("elements.submit() must be called before stripe.confirmPayment() when elements has a mode.");
      }
      const { return_url: returnUrl, payment_method_data: details, ...others } = confirmParams;
      const element = elements?.any();
      if (element?.firstProblem()) element.reveal();
      const method = element ? { card: element, billing_details: details?.billing_details } : others.payment_method;
      const result = await this.confirmCard(kind, secret, { ...others, payment_method: method });
      const intent = result[kind.result];
      if (!intent || redirect === "if_required" || !returnUrl) return result;
      const name = kind === KINDS.payment_intent ? "payment_intent" : "setup_intent";
      const url = new URL(returnUrl);
      url.searchParams.set(name, intent.id);
      url.searchParams.set(`${name}_client_secret`, intent.client_secret);
      url.searchParams.set("redirect_status", "succeeded");
      window.location.assign(url);
      return new Promise(() => {});
    }

    confirmPayment(options) {
      return this.confirmWithElements(KINDS.payment_intent, options);
    }

    confirmSetup(options) {
      return this.confirmWithElements(KINDS.setup_intent, options);
    }

    retrievePaymentIntent(clientSecret) {
      return this.intents.retrieve(KINDS.payment_intent, clientSecret);
    }

    retrieveSetupIntent(clientSecret) {
      return this.intents.retrieve(KINDS.setup_intent, clientSecret);
    }

    async handleNextAction({ clientSecret }) {
      const kind = clientSecret.startsWith("seti_") ? KINDS.setup_intent : KINDS.payment_intent;
      const current = await this.intents.retrieve(kind, clientSecret);
      return current.error ? current : this.intents.act(kind, current[kind.result]);
    }

    handleCardAction(clientSecret) {
      return this.handleNextAction({ clientSecret });
    }
  }

  window.Stripe = function Stripe(publishableKey, options) {
    return new StripeInstance(publishableKey, options);
  };
  window.Stripe.version = "standin";
})();
