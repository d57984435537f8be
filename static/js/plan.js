// The steps of a proposal: rows come and go without the server, and their sum is compared with the price. Without this file
// the button sends the form, which comes back with more rows.
import { readMinor } from "./price.js";

const wire = (plan) => {
  const rows = plan.querySelector("[data-plan-rows]");
  const shape = plan.querySelector("template").content;
  const more = plan.querySelector("[data-plan-more]");
  const said = plan.querySelector("[data-plan-said]");
  const price = document.getElementById(plan.dataset.price);
  const total = plan.querySelector(`[name="${plan.dataset.plan}-TOTAL_FORMS"]`);
  const most = Number(plan.querySelector(`[name="${plan.dataset.plan}-MAX_NUM_FORMS"]`).value);
  const { currency } = plan.dataset;
  const show = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
  const digits = show.resolvedOptions().maximumFractionDigits;

  const written = (amount) => show.format(amount / 10 ** digits);
  const amounts = () => [...rows.querySelectorAll("[name$='-amount']")].map((input) => input.value).filter((text) => text.trim());

  const compare = () => {
    const parts = amounts().map((text) => readMinor(text, digits));
    const whole = readMinor(price.value, digits);
    if (!("exact" in plan.dataset) || !parts.length || parts.includes(null) || whole === null) {
      said.textContent = "";
      return;
    }
    const left = whole - parts.reduce((sum, part) => sum + part, 0);
    if (!left) said.textContent = plan.dataset.sayEven;
    else said.textContent = (left > 0 ? plan.dataset.sayLeft : plan.dataset.sayOver).replace("{amount}", written(Math.abs(left)));
  };

  const free = () => { more.hidden = rows.children.length >= most; };

  // A row that is taken away leaves its number behind; the server reads a missing row as an empty one.
  const arm = (row) => {
    const remove = row.querySelector("[data-plan-remove]");
    remove.hidden = false;
    remove.addEventListener("click", () => {
      row.remove();
      free();
      compare();
      more.focus();
    });
  };

  more.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    const row = shape.cloneNode(true).querySelector("[data-plan-row]");
    for (const node of row.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        if (node.hasAttribute(name)) node.setAttribute(name, node.getAttribute(name).replace("__prefix__", number));
      }
    }
    total.value = number + 1;
    rows.append(row);
    arm(row);
    free();
    row.querySelector("input").focus();
  });
  rows.querySelectorAll("[data-plan-row]").forEach(arm);
  rows.addEventListener("input", compare);
  price.addEventListener("input", compare);
  free();
  compare();
};

document.querySelectorAll("[data-plan]").forEach(wire);
