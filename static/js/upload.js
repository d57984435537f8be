// Files go up as soon as they are chosen (components/upload.html); the form then carries their ids.
import { csrfToken } from "./csrf.js";

const sizeText = (bytes) => {
  const units = [["megabyte", 1024 ** 2], ["kilobyte", 1024]];
  const [unit, size] = units.find(([, least]) => bytes >= least) ?? ["byte", 1];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit, maximumFractionDigits: unit === "megabyte" ? 1 : 0,
  }).format(bytes / size);
};

const wire = (box) => {
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-upload-list]");
  const zone = box.querySelector("[data-upload-zone]");
  const { uploadUrl, kind, name, max, sayFailed, sayGoing, sayRemove } = box.dataset;
  const most = Number(max) || Infinity;
  input.removeAttribute("name"); // with this script the form carries ids, not the files themselves

  const count = () => list.querySelectorAll("[data-upload-chip]:not(.file-chip--bad)").length;
  const update = () => { zone.hidden = count() >= most; };

  const chipFor = (file) => {
    const chip = box.querySelector("template").content.firstElementChild.cloneNode(true);
    chip.querySelector("[data-name]").textContent = file.name;
    chip.querySelector("progress").setAttribute("aria-label", sayGoing.replace("{name}", file.name));
    chip.querySelector("[data-remove]").setAttribute("aria-label", sayRemove.replace("{name}", file.name));
    list.append(chip);
    return chip;
  };

  const refuse = (chip, why) => {
    chip.classList.add("file-chip--bad");
    chip.querySelector("progress").hidden = true;
    const meta = chip.querySelector("[data-meta]");
    meta.hidden = false;
    meta.setAttribute("role", "alert");
    meta.textContent = why;
    update();
  };

  const accept = (chip, file, answer) => {
    chip.querySelector("progress").hidden = true;
    const meta = chip.querySelector("[data-meta]");
    meta.hidden = false;
    meta.textContent = sizeText(file.size);
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value: answer.id });
    chip.append(field);
    box.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: answer }));
  };

  const send = (file) => {
    const chip = chipFor(file);
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    body.append("kind", kind);
    request.open("POST", uploadUrl);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Idempotency-Key", crypto.randomUUID());
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) chip.querySelector("progress").value = (100 * loaded) / total;
    });
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status >= 200 && request.status < 300) accept(chip, file, answer);
      else refuse(chip, answer.fields?.file?.[0] ?? answer.detail ?? sayFailed);
    });
    request.addEventListener("error", () => refuse(chip, sayFailed));
    chip.querySelector("[data-remove]").addEventListener("click", () => request.abort());
    request.send(body);
    update();
  };

  const sendAll = (files) => {
    for (const file of files) if (count() < most) send(file);
  };

  list.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove]");
    if (!remove) return;
    remove.closest("[data-upload-chip]").remove();
    update();
    (zone.hidden ? list.querySelector("[data-remove]") : input)?.focus();
  });
  input.addEventListener("change", () => {
    sendAll([...input.files]);
    input.value = "";
  });
  for (const type of ["dragover", "dragleave", "drop"])
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.firstElementChild.classList.toggle("dropzone--over", type === "dragover");
      if (type === "drop") sendAll([...event.dataTransfer.files]);
    });
  update();
};

document.querySelectorAll("[data-upload]").forEach(wire);
