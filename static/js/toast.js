// Notices in the corner. Their markup is a <template> in base.html, so that words and icons stay there.
const STAY_MS = 8000;

const region = () => document.getElementById("toasts");

/** Show a notice. `tone` is success, info, waiting or danger; those that report trouble stay until closed. */
export const showToast = ({ title, text = "", tone = "success" }) => {
  const template = document.getElementById(`toast-${tone}`) ?? document.getElementById("toast-info");
  if (!template) return;
  const note = template.content.firstElementChild.cloneNode(true);
  note.querySelector("[data-toast-title]").textContent = title;
  note.querySelector("[data-toast-text]").textContent = text;
  region().append(note);
  leaveLater(note);
};

/** The words for a failed request that base.html holds, by name. */
export const toastWords = (name) => region()?.dataset[name] ?? "";

const leaveLater = (note) => {
  if (note.matches(".tone-danger, .tone-waiting")) return;
  const leave = () => {
    if (note.matches(":hover, :focus-within")) setTimeout(leave, STAY_MS);
    else note.remove();
  };
  setTimeout(leave, STAY_MS);
};

document.querySelectorAll("#toasts > .note").forEach(leaveLater);
