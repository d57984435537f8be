// Draws the charts of components/chart.html from the numbers in their data block. The table beside each stays the text.
import "../vendor/chartjs/chart.umd.min.js";

const Chart = window.Chart;
const drawn = new Map();

/** A custom property of the theme as a plain colour, whatever function it is written with. */
const colour = (figure, name) => {
  const probe = document.createElement("i");
  probe.className = `chart-colour chart-colour--${name}`;
  figure.append(probe); // the theme may be set on a part of the page
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

const FILLS = ["primary", "info", "brass", "muted"];

const formatter = ({ currency, digits = 0, unit = "" }) => {
  const locale = document.documentElement.lang;
  const numbers = currency
    ? new Intl.NumberFormat(locale, { style: "currency", currency })
    : new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
  return (value) => `${numbers.format(value)}${unit && ` ${unit}`}`;
};

const config = (figure, data) => {
  const paint = (name) => colour(figure, name);
  const write = formatter(data);
  const line = data.type === "line";
  const text = { color: paint("muted"), font: { family: getComputedStyle(document.body).fontFamily, size: 12 } };
  return {
    type: line ? "line" : "bar",
    data: {
      labels: data.labels,
      datasets: data.series.map(({ label, values }, index) => ({
        label,
        data: values,
        backgroundColor: paint(FILLS[index % FILLS.length]),
        borderColor: paint(FILLS[index % FILLS.length]),
        borderWidth: line ? 2 : 0,
        borderRadius: 3,
        pointRadius: line ? 2 : 0,
        maxBarThickness: 36,
        tension: 0.25,
      })),
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      plugins: {
        legend: { display: data.series.length > 1, position: "bottom", labels: text },
        tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${write(raw)}` } },
      },
      scales: {
        x: { stacked: Boolean(data.stacked), grid: { display: false }, ticks: text, border: { color: paint("line") } },
        y: {
          stacked: Boolean(data.stacked),
          beginAtZero: true,
          grid: { color: paint("line") },
          border: { display: false },
          ticks: { ...text, maxTicksLimit: 6, callback: write },
        },
      },
    },
  };
};

const draw = (figure) => {
  const canvas = figure.querySelector("canvas");
  drawn.get(canvas)?.destroy();
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  drawn.set(canvas, new Chart(canvas, config(figure, data)));
};

const drawAll = () => {
  for (const [canvas, chart] of drawn) {
    if (canvas.isConnected) continue;
    chart.destroy();
    drawn.delete(canvas);
  }
  document.querySelectorAll("[data-chart]").forEach(draw);
};

drawAll();
document.addEventListener("htmx:afterSettle", drawAll);
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
