// Names chosen one by one (components/picker.html). The plain field keeps them, with commas, and is what is sent.

const WAIT = 150;
const SHOWN = 8;
let count = 0;

const wire = (box) => {
  const value = box.querySelector("[data-picker-value]");
  const [frame, tagShape] = [...box.querySelectorAll("template")].map((template) => template.content);
  const options = [...box.querySelectorAll("datalist option")].map((option) => option.value);
  const { url, sayRemove, sayAdded, sayNone } = box.dataset;
  const most = Number(box.dataset.most) || Infinity;
  let chosen = value.value.split(",").map((name) => name.trim()).filter(Boolean);
  let found = [];
  let at = -1;
  let timer;
  let latest = 0;

  value.after(frame.cloneNode(true));
  const tags = box.querySelector("[data-picker-tags]");
  const search = box.querySelector("[data-picker-search]");
  const list = box.querySelector("[data-picker-list]");
  const said = box.querySelector("[data-picker-said]");
  list.id = `picker-${(count += 1)}`;
  search.setAttribute("aria-controls", list.id);
  search.id = value.id;
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (value.hasAttribute(name)) search.setAttribute(name, value.getAttribute(name));
  }
  box.querySelector(".picker__box").classList.toggle("is-invalid", value.classList.contains("is-invalid"));
  box.querySelector("[data-picker-plain]")?.remove();
  value.type = "hidden";
  value.removeAttribute("id");

  const say = (text) => { said.textContent = text; };

  const save = () => {
    value.value = chosen.join(", ");
    value.dispatchEvent(new Event("change", { bubbles: true }));
    search.hidden = chosen.length >= most;
    tags.replaceChildren(...chosen.map((name) => {
      const tag = tagShape.cloneNode(true).querySelector("li");
      tag.querySelector("span").textContent = name;
      tag.querySelector("button").setAttribute("aria-label", sayRemove.replace("{name}", name));
      tag.querySelector("button").addEventListener("click", () => {
        chosen = chosen.filter((other) => other !== name);
        save();
        search.focus();
      });
      return tag;
    }));
  };

  const close = () => {
    list.hidden = true;
    at = -1;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    at = index;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    const option = list.children[at];
    option?.scrollIntoView({ block: "nearest" });
    if (option) search.setAttribute("aria-activedescendant", option.id);
  };

  const take = (name) => {
    if (!chosen.includes(name) && chosen.length < most) chosen.push(name);
    search.value = "";
    close();
    save();
    say(sayAdded.replace("{name}", name));
    search.focus();
  };

  const show = () => {
    list.replaceChildren(...found.map((name, place) => {
      const option = document.createElement("li");
      option.className = "menu__item";
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.textContent = name;
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(name));
      return option;
    }));
    list.hidden = !found.length;
    search.setAttribute("aria-expanded", String(Boolean(found.length)));
    if (found.length) mark(0);
    else say(sayNone);
  };

  const lookUp = async (text) => {
    if (!url) {
      const wanted = text.toLocaleLowerCase();
      const starts = options.filter((name) => name.toLocaleLowerCase().startsWith(wanted));
      return [...starts, ...options.filter((name) => name.toLocaleLowerCase().includes(wanted))];
    }
    try {
      const answer = await fetch(`${url}?${new URLSearchParams({ search: text })}`, { headers: { Accept: "application/json" } });
      return answer.ok ? (await answer.json()).results.map(({ name }) => name) : [];
    } catch {
      return [];
    }
  };

  const suggest = async () => {
    const text = search.value.trim();
    if (!text) return close();
    const turn = (latest += 1);
    const names = await lookUp(text);
    if (turn !== latest) return; // a later letter has been typed
    found = [...new Set(names)].filter((name) => !chosen.includes(name)).slice(0, SHOWN);
    show();
  };

  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, WAIT);
  });
  search.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" && open) mark((at + 1) % found.length);
    else if (event.key === "ArrowUp" && open) mark((at - 1 + found.length) % found.length);
    else if ((event.key === "Enter" || event.key === ",") && search.value.trim()) {
      if (open) take(found[at]);
    } else if (event.key === "Escape" && open) close();
    else if (event.key === "Backspace" && !search.value && chosen.length) {
      chosen.pop();
      save();
    } else return;
    if (event.key !== "Backspace") event.preventDefault();
  });
  search.addEventListener("blur", close);
  box.querySelector(".picker__box").addEventListener("click", (event) => {
    if (!event.target.closest("button")) search.focus();
  });
  save();
};

const start = (root) => root.querySelectorAll("[data-picker]:not([data-wired])").forEach((box) => {
  box.dataset.wired = "yes";
  wire(box);
});
start(document);
document.addEventListener("htmx:afterSwap", ({ target }) => start(target));
