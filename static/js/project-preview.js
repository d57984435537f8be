// What freelancers will see in the list, while the project is written.
import { readMinor } from "./price.js";

const wire = (box) => {
  const form = document.getElementById(box.dataset.projectPreview);
  const say = box.dataset;
  const part = (name) => box.querySelector(`[data-preview="${name}"]`);
  const value = (name) => new FormData(form).get(name)?.trim() ?? "";

  const price = (kind) => {
    const currency = value("currency");
    const show = new Intl.NumberFormat(document.documentElement.lang, {
      style: "currency", currency, trailingZeroDisplay: "stripIfInteger",
    });
    const digits = show.resolvedOptions().maximumFractionDigits;
    const ends = ["budget_min", "budget_max"].map((name) => readMinor(value(name), digits)).filter((minor) => minor !== null);
    const text = [...new Set(ends)].map((minor) => show.format(minor / 10 ** digits)).join(" – ");
    return text && kind === "hourly" ? `${text} / ${say.sayHour}` : text;
  };

  const write = () => {
    const kind = value("budget_type");
    part("title").textContent = value("title") || say.sayTitle;
    part("text").textContent = value("description") || say.sayText;
    part("price").textContent = price(kind);
    part("price").hidden = !part("price").textContent;
    part("kind").textContent = kind === "hourly" ? say.sayHourly : say.sayFixed;
    part("length").textContent = value("estimated_duration");
    part("skills").replaceChildren(...value("skills").split(",").map((name) => name.trim()).filter(Boolean).map((name) => {
      const tag = document.createElement("li");
      tag.className = "skill-tag";
      tag.textContent = name;
      return tag;
    }));
  };

  box.hidden = false;
  form.addEventListener("input", write);
  form.addEventListener("change", write);
  write();
};

document.querySelectorAll("[data-project-preview]").forEach(wire);
