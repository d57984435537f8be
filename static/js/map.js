// Maps: a list with its places (components/map_list.html) and a place to choose (components/place_field.html).
import "../vendor/leaflet/leaflet.js";

const L = window.L;
const AREA_METRES = 500; // strangers see a place as a circle of this radius
const PIN_CELL = 44; // pins nearer than this many pixels are shown as one
const NEAR_ZOOM = 15;
const FAR_VIEW = { center: [30, 10], zoom: 2 };
const GRID_STEPS = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000, 2000000, 5000000];
const GRID_PIXELS = 72;
const LABEL_ZOOM = 6;

// The ground: tiles when the site has some, else a quiet grid in round metres with the names of towns.

const Grid = L.GridLayer.extend({
  createTile(coords) {
    const size = this.getTileSize().x;
    const tile = L.DomUtil.create("div", "map-grid");
    const { step, origin } = gridStep(this._map, coords, size);
    const lines = [];
    for (let x = -origin.x; x < size; x += step) if (x >= 0) lines.push(`M${x.toFixed(1)} 0V${size}`);
    for (let y = -origin.y; y < size; y += step) if (y >= 0) lines.push(`M0 ${y.toFixed(1)}H${size}`);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", lines.join(""));
    svg.append(path);
    tile.append(svg);
    return tile;
  },
});

/** Pixels between lines, and where this tile starts within the grid. Metres are true at the latitude of the view. */
const gridStep = (map, coords, size) => {
  const latitude = Math.round(map.getCenter().lat);
  const metresPerPixel = (40075016.7 * Math.cos((latitude * Math.PI) / 180)) / (256 * 2 ** coords.z);
  const metres = GRID_STEPS.find((length) => length / metresPerPixel >= GRID_PIXELS) ?? GRID_STEPS.at(-1);
  const step = metres / metresPerPixel;
  return { step, origin: { x: (coords.x * size) % step, y: (coords.y * size) % step } };
};

const addGround = (map, { tileUrl, tileAttribution, placesUrl }) => {
  if (tileUrl) {
    L.tileLayer(tileUrl, { attribution: tileAttribution ?? "", maxZoom: 19 }).addTo(map);
  } else {
    new Grid().addTo(map);
    if (placesUrl) addTownNames(map, placesUrl);
  }
  const mirrored = document.documentElement.dir === "rtl";
  L.control.scale({ position: mirrored ? "bottomleft" : "bottomright", imperial: false }).addTo(map);
};

const addTownNames = (map, placesUrl) => {
  const layer = L.layerGroup().addTo(map);
  const show = async () => {
    layer.clearLayers();
    if (map.getZoom() < LABEL_ZOOM) return;
    const towns = await fetchPlaces(placesUrl, { bbox: boundsText(map) });
    for (const town of towns) {
      const name = document.createElement("span");
      name.textContent = town.name.split(",")[0];
      const icon = L.divIcon({ className: "map-town", html: name, iconSize: [0, 0] });
      L.marker([town.lat, town.lng], { icon, interactive: false, keyboard: false }).addTo(layer);
    }
  };
  map.on("moveend", show);
  map.whenReady(show);
};

const fetchPlaces = async (url, query) => {
  try {
    const answer = await fetch(`${url}?${new URLSearchParams(query)}`, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : [];
  } catch {
    return [];
  }
};

/** minLng,minLat,maxLng,maxLat, as the API takes it. */
const boundsText = (map) => {
  const box = map.getBounds();
  const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value)).toFixed(5);
  return [
    clamp(box.getWest(), 180), clamp(box.getSouth(), 90), clamp(box.getEast(), 180), clamp(box.getNorth(), 90),
  ].join(",");
};

const makeMap = (canvas, options) =>
  L.map(canvas, { zoomControl: false, attributionControl: Boolean(options.tileUrl), worldCopyJump: true, minZoom: 2 });

const areaOptions = { radius: AREA_METRES, className: "area", interactive: false };

// List and map

const wireListMap = (panel) => {
  const canvas = panel.querySelector("[data-map-canvas]");
  const map = makeMap(canvas, panel.dataset);
  const drawn = L.layerGroup().addTo(map);
  const again = panel.querySelector("[data-map-again]");
  const form = document.getElementById(panel.dataset.searchForm);
  let places = [];

  const readPlaces = () => {
    places = JSON.parse(document.getElementById(panel.dataset.places)?.textContent || "[]");
  };

  const draw = () => {
    drawn.clearLayers();
    for (const place of places) if (!place.exact) drawArea(place).addTo(drawn);
    for (const group of pinGroups(map, places)) drawPin(map, group).addTo(drawn);
  };

  const fit = () => {
    const { lat, lng, bbox, radiusKm } = panel.dataset;
    if (bbox) {
      const [west, south, east, north] = bbox.split(",").map(Number);
      map.fitBounds([[south, west], [north, east]]);
    } else if (lat && lng) {
      map.fitBounds(L.latLng(lat, lng).toBounds(2000 * (Number(radiusKm) || 3)));
    } else if (places.length) {
      map.fitBounds(L.latLngBounds(places.map(({ lat: y, lng: x }) => [y, x])).pad(0.3), { maxZoom: NEAR_ZOOM });
    } else {
      map.setView(FAR_VIEW.center, FAR_VIEW.zoom);
    }
  };

  readPlaces();
  fit();
  addGround(map, panel.dataset);
  if (panel.dataset.lat && panel.dataset.lng)
    L.circleMarker([panel.dataset.lat, panel.dataset.lng], { radius: 8, className: "me", interactive: false }).addTo(map);
  draw();
  map.on("zoomend", draw);

  // Only what the reader moves offers a new search.
  const offer = () => { again.hidden = !form; };
  map.on("dragend", offer);
  wireZoom(panel, map, offer);

  again.addEventListener("click", () => {
    form.elements.bbox.value = boundsText(map);
    for (const name of ["lat", "lng", "radius_km", "page"]) if (form.elements[name]) form.elements[name].value = "";
    again.hidden = true;
    form.requestSubmit();
  });

  // New results arrived without a new page.
  document.addEventListener("htmx:afterSettle", () => {
    readPlaces();
    draw();
  });
  document.addEventListener("view:change", () => {
    map.invalidateSize();
    draw();
  });
};

const wireZoom = (panel, map, offer) => {
  const act = (name, step) =>
    panel.querySelector(`[data-map-${name}]`)?.addEventListener("click", () => {
      step();
      offer();
    });
  act("closer", () => map.zoomIn());
  act("farther", () => map.zoomOut());
  act("here", () => map.locate({ setView: true, maxZoom: NEAR_ZOOM }));
};

const drawArea = (place) => {
  const area = L.circle([place.lat, place.lng], areaOptions);
  area.on("add", () => { area.getElement().dataset.place = place.id; });
  return area;
};

/** Places whose pins would cover each other, in one group. */
const pinGroups = (map, places) => {
  const cells = new Map();
  for (const place of places) {
    const point = map.project([place.lat, place.lng]);
    const cell = `${Math.floor(point.x / PIN_CELL)},${Math.floor(point.y / PIN_CELL)}`;
    cells.set(cell, [...(cells.get(cell) ?? []), place]);
  }
  return [...cells.values()];
};

const drawPin = (map, group) => {
  const [place] = group;
  const many = group.length > 1;
  const pin = document.createElement(many ? "button" : "a");
  pin.className = many ? "map-pin map-pin--many" : "map-pin";
  if (many) {
    pin.type = "button";
    pin.textContent = group.length;
    pin.addEventListener("click", () =>
      map.fitBounds(L.latLngBounds(group.map(({ lat, lng }) => [lat, lng])).pad(0.4), { maxZoom: 17 }));
  } else {
    const title = document.createElement("span");
    title.className = "visually-hidden";
    title.textContent = `${place.title}, `;
    pin.href = place.url;
    pin.dataset.place = place.id;
    pin.append(title, place.label);
  }
  L.DomEvent.disableClickPropagation(pin);
  const icon = L.divIcon({ className: "map-pin-at", html: pin, iconSize: [0, 0] });
  return L.marker([place.lat, place.lng], { icon, interactive: false, keyboard: false });
};

// A place to choose

const wirePlaceField = (field) => {
  const lat = field.querySelector("[data-place-lat]");
  const lng = field.querySelector("[data-place-lng]");
  const map = makeMap(field.querySelector("[data-map-canvas]"), field.dataset);
  const pin = document.createElement("span");
  pin.className = "place-pin";
  const marker = L.marker([0, 0], {
    draggable: true,
    autoPan: true,
    keyboard: false,
    icon: L.divIcon({ className: "map-pin-at", html: pin, iconSize: [0, 0] }),
  });
  const area = L.circle([0, 0], areaOptions);

  const typed = () => {
    const place = [lat.value.trim(), lng.value.trim()].map((text) => (text === "" ? NaN : Number(text.replace(",", "."))));
    return place.every(Number.isFinite) && Math.abs(place[0]) <= 90 && Math.abs(place[1]) <= 180 ? place : null;
  };

  const mark = (place) => {
    marker.setLatLng(place).addTo(map);
    area.setLatLng(place).addTo(map);
  };

  const choose = (place, { zoom } = {}) => {
    const { lat: y, lng: x } = L.latLng(place).wrap();
    lat.value = y.toFixed(6);
    lng.value = x.toFixed(6);
    mark([y, x]);
    if (zoom) map.setView([y, x], Math.max(map.getZoom(), zoom));
    field.dispatchEvent(new CustomEvent("place:change", { bubbles: true, detail: { lat: y, lng: x } }));
  };

  const start = typed();
  map.setView(start ?? FAR_VIEW.center, start ? NEAR_ZOOM : FAR_VIEW.zoom);
  addGround(map, field.dataset);
  if (start) mark(start);

  map.on("click", ({ latlng }) => choose(latlng));
  marker.on("dragend", () => choose(marker.getLatLng()));
  for (const input of [lat, lng])
    input.addEventListener("change", () => {
      const place = typed();
      if (place) choose(place, { zoom: NEAR_ZOOM });
    });
  wireZoom(field, map, () => {});
  map.on("locationfound", ({ latlng }) => choose(latlng));
  wirePlaceSearch(field, choose);
  field.querySelector("[data-place-typed]")?.removeAttribute("open");
};

const wirePlaceSearch = (field, choose) => {
  const input = field.querySelector("[data-place-search]");
  const list = field.querySelector("[data-place-results]");
  if (!input || !field.dataset.placesUrl) return;
  let waiting;
  let asked = 0;

  const show = (places, query) => {
    list.replaceChildren(
      ...places.map((place) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "menu__item";
        button.textContent = place.name;
        button.addEventListener("click", () => {
          choose([place.lat, place.lng], { zoom: 13 });
          input.value = place.name;
          list.hidden = true;
          input.focus();
        });
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
    if (!places.length) {
      const none = document.createElement("li");
      none.className = "menu__item muted";
      none.textContent = list.dataset.none;
      list.append(none);
    }
    list.hidden = query.length < 2;
  };

  const search = async () => {
    const query = input.value.trim();
    const number = (asked += 1);
    if (query.length < 2) {
      list.hidden = true;
      return;
    }
    const places = await fetchPlaces(field.dataset.placesUrl, { q: query });
    if (number === asked) show(places, query);
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 200);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // chooses a place, does not send the form
      list.querySelector("button")?.click();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      list.querySelector("button")?.focus();
    } else if (event.key === "Escape") {
      list.hidden = true;
    }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      list.hidden = true;
      input.focus();
    }
    if (!step) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll("button")];
    (buttons[buttons.indexOf(document.activeElement) + step] ?? input).focus();
  });
};

document.querySelectorAll("[data-map]").forEach(wireListMap);
document.querySelectorAll("[data-place-field]").forEach(wirePlaceField);
