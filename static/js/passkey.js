// Passkeys: asks the browser for one when a form with data-passkey="create" or "get" is sent, and sends its answer along.
import { csrfToken } from "./csrf.js";

const BINARY = new Set(["challenge", "id"]);

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The server's options with bytes where the browser wants bytes. */
const forBrowser = ({ rp, user, excludeCredentials = [], allowCredentials = [], ...options }) => {
  const decoded = (value) =>
    Object.fromEntries(Object.entries(value).map(([name, item]) => [name, BINARY.has(name) ? toBytes(item) : item]));
  return {
    ...decoded(options),
    ...(rp && { rp, user: decoded(user), excludeCredentials: excludeCredentials.map(decoded) }),
    ...(!rp && { allowCredentials: allowCredentials.map(decoded) }),
  };
};

/** What the browser answered, as JSON for the server. */
const forServer = (credential) => {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      ...Object.fromEntries(parts.filter((name) => response[name]).map((name) => [name, toText(response[name])])),
      ...(response.getTransports && { transports: response.getTransports() }),
    },
  };
};

const ask = async (form) => {
  const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  const publicKey = forBrowser(body.public_key);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey });
};

const send = async (form) => {
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("[type=submit]");
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    form.querySelector("[data-credential]").value = JSON.stringify(forServer(await ask(form)));
    form.submit();
  } catch (error) {
    // A DOMException is the browser's: given up, or no passkey here. Anything else is our own sentence.
    problem.textContent = error instanceof DOMException ? problem.dataset.given : error.message;
    problem.hidden = false;
    button.removeAttribute("aria-busy");
  }
};

if (window.PublicKeyCredential)
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.reportValidity()) send(form);
    });
  }
