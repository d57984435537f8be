// Gross, fee and net follow the typed price (components/money_field.html, money_sum.html). The server says the binding
// figures; these round the same way: the fee half up, the net is the rest.
const BASIS = 10000;

const digitsOf = (currency) =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;

const withThousands = /^\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$/;

/** Minor units of what was typed; null when it is no amount. Spaces and commas only group thousands, as for the server. */
export const readMinor = (text, digits) => {
  const typed = text.replace(/[\s\u00a0]/g, "");
  const parts = (withThousands.test(typed) ? typed.replace(/,/g, "") : typed).match(/^(\d+)(?:\.(\d*))?$/);
  if (!parts) return null;
  const [, whole, fraction = ""] = parts;
  if (fraction.length > digits) return null;
  return Number(whole + fraction.padEnd(digits, "0"));
};

const wire = (sum) => {
  const input = document.getElementById(sum.dataset.priceSum);
  if (!input) return;
  const select = document.getElementById(input.dataset.currencyField);
  const bps = Number(input.dataset.feeBps);
  const kept = new Map([...sum.querySelectorAll("[data-sum]")].map((node) => [node, node.textContent]));

  const write = () => {
    const currency = select?.value || input.dataset.currency;
    const digits = digitsOf(currency);
    const gross = readMinor(input.value, digits);
    if (gross === null) {
      for (const [node, text] of kept) node.textContent = text;
      return;
    }
    const fee = Math.floor((gross * bps + BASIS / 2) / BASIS);
    const show = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
    const figures = { gross, fee: -fee || 0, net: gross - fee };
    for (const node of kept.keys())
      node.textContent = show.format(figures[node.dataset.sum] / 10 ** digits).replace("-", "−");
  };

  input.addEventListener("input", write);
  select?.addEventListener("change", write);
  if (input.value) write();
};

document.querySelectorAll("[data-price-sum]").forEach(wire);
