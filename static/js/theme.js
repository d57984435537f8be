// Blocking in <head>: the theme is set before the first paint. No saved choice: follow the system.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const saved = localStorage.getItem("theme");
    document.documentElement.dataset.bsTheme = saved || (system.matches ? "dark" : "light");
  };
  set();
  system.addEventListener("change", set);
  addEventListener("storage", set);
})();
