// Lets the figure of a running timer go on; the page that the server sent is right without it.
const show = (figure) => {
  const minutes = Math.floor((Date.now() - Date.parse(figure.dataset.since)) / 60_000);
  const most = Math.min(minutes, Number(figure.dataset.most));
  if (most >= 0) figure.textContent = `${Math.floor(most / 60)}:${String(most % 60).padStart(2, "0")}`;
};

for (const figure of document.querySelectorAll("[data-since]")) {
  setInterval(show, 10_000, figure);
}
