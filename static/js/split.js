// Both parts of a split follow the one that is typed (contracts/_split_sum.html). The server says the binding figures; these
// round the same way: the fee of what was released before and of this part together, half up, less the fee of the former.
import { readMinor } from "./price.js";

const BASIS = 10000;

const feeOf = (minor, bps) => Math.floor((minor * bps + BASIS / 2) / BASIS);

const wire = (sum) => {
  const input = document.getElementById(sum.dataset.split);
  if (!input) return;
  const { currency, typed } = sum.dataset;
  const [held, before, bps] = [sum.dataset.held, sum.dataset.before, sum.dataset.feeBps].map(Number);
  const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
  const digits = money.resolvedOptions().maximumFractionDigits;
  const kept = new Map([...sum.querySelectorAll("[data-part]")].map((node) => [node, node.textContent]));

  const write = () => {
    const part = readMinor(input.value, digits);
    if (part === null || part > held) {
      for (const [node, text] of kept) node.textContent = text;
      return;
    }
    const gross = typed === "client" ? held - part : part;
    const fee = feeOf(before + gross, bps) - feeOf(before, bps);
    const figures = { gross, fee: -fee, net: gross - fee, back: held - gross };
    for (const node of kept.keys())
      node.textContent = money.format(figures[node.dataset.part] / 10 ** digits).replace("-", "−");
  };

  input.addEventListener("input", write);
  if (input.value) write();
};

document.querySelectorAll("[data-split]").forEach(wire);
