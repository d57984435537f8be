// Says in words, while somebody chooses a password, whether it will do. The server decides; these are its rules, roughly.
const LEAST = 10;
const GOOD = 14;
const COMMON = /^(?:password|passw0rd|qwerty|azerty|letmein|welcome|iloveyou|admin|abc123|monkey|dragon|football|guildhall)/i;

/** Length that counts: what repeats or runs on ("aaaa", "1234", "abcd") adds next to nothing. */
const weight = (text) => {
  let sum = 0;
  for (let at = 0; at < text.length; at++) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
    sum += Math.abs(step) <= 1 ? 0.25 : 1;
  }
  return sum * Math.min(1, new Set(text).size / 6);
};

const isPersonal = (text, form) =>
  ["email", "first_name", "last_name"].some((name) => {
    const known = form?.elements[name]?.value.split("@")[0].toLowerCase() ?? "";
    return known.length > 3 && text.toLowerCase().includes(known);
  });

const verdict = (text, form) => {
  if (text.length < LEAST) return "short";
  if (/^\d+$/.test(text) || COMMON.test(text)) return "common";
  if (isPersonal(text, form)) return "personal";
  const strength = weight(text);
  if (strength < LEAST) return "plain";
  return strength < GOOD ? "fine" : "strong";
};

for (const input of document.querySelectorAll("input[data-password-hint]")) {
  const words = JSON.parse(input.dataset.passwordHint);
  const line = Object.assign(document.createElement("span"), { className: "field__hint password-hint" });
  line.setAttribute("role", "status");
  input.closest(".field").append(line);
  input.addEventListener("input", () => {
    const state = input.value && verdict(input.value, input.form);
    line.dataset.state = state;
    line.textContent = state ? words[state] : "";
  });
}
