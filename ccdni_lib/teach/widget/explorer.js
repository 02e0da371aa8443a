// The explorer: sliders over a picture. One module for two worlds. In Jupyter, anywidget calls render({ model, el }) and
// Python answers a moved slider by training; in a built page a shim stands for the model and stored cells are shown.
//
// model.spec: { name, sliders: [{ name, label, values, unit }], panels: [{ kind, title, ... }], styles, cells, start, note }
// A cell is what one position of the sliders shows: { panels: [data of each panel], say: sentence }.
// model.place: [index of each slider]; model.live: { place, cell, status } while Python trains, else {}.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300, HEIGHT = 240;

function node(parent, tag, attributes = {}, text) {
  const made = tag.startsWith("h:") ? document.createElement(tag.slice(2)) : document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

const short = (v) => (v === 0 ? "0" : Math.abs(v) >= 100 ? v.toFixed(0) : String(+v.toPrecision(2)));

const withUnit = (value, unit) => (unit ? `${value} ${value === 1 ? unit.replace(/s$/, "") : unit}` : String(value));

// Round numbers that divide low … top into three to six parts.
function ticks(top, low = 0) {
  const rough = (top - low) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= rough);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(top / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

// Axes of a plot from (0, low) to (right, top); returns the two scales.
function axes(svg, { right, top, low = 0, x, y, xticks }) {
  const box = { left: 48, right: WIDTH - 14, top: 12, bottom: HEIGHT - 40 };
  const sx = (v) => box.left + ((box.right - box.left) * v) / right;
  const sy = (v) => box.bottom - ((box.bottom - box.top) * (Math.min(Math.max(v, low), top) - low)) / (top - low);
  for (const v of ticks(top, low)) {
    node(svg, "line", { x1: box.left, x2: box.right, y1: sy(v), y2: sy(v), class: "grid" });
    node(svg, "text", { x: box.left - 5, y: sy(v) + 3.5, class: "end" }, short(v));
  }
  for (const v of xticks || []) node(svg, "text", { x: sx(v), y: box.bottom + 14, class: "middle" }, short(v));
  node(svg, "path", { d: `M${box.left} ${box.top}V${box.bottom}H${box.right}`, class: "axis" });
  node(svg, "text", { x: (box.left + box.right) / 2, y: HEIGHT - 8, class: "middle" }, x || "");
  const middle = (box.top + box.bottom) / 2;
  node(svg, "text", { x: 11, y: middle, class: "middle", transform: `rotate(-90 11 ${middle})` }, y || "");
  return { sx, sy, box };
}

const line = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// A path is flat: the first x and y, then how far each next point lies from the one before.
function walk(path) {
  let x = 0, y = 0;
  return Array.from({ length: path.length / 2 }, (_, i) => [(x += path[2 * i]), (y += path[2 * i + 1])]);
}

function hatch(svg, id, color) {
  const look = { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  node(node(svg, "pattern", look), "rect", { width: 2.4, height: 6, fill: color });
}

function stroke(style) {
  return { fill: "none", stroke: style.color, "stroke-width": 2, "stroke-dasharray": style.dash || "none" };
}

const PANELS = {
  // data: { x: [...], series: [{ style, y: [...], band?: [...], x?: [...] of its own }] }; panel: { x, y, top, low, right }
  curves(svg, panel, data, styles) {
    const right = panel.right || Math.max(...data.x);
    const top = panel.top || 1.05 * Math.max(...data.series.flatMap((s) => s.y.filter((v) => v !== null)), 1e-9);
    const { sx, sy, box } = axes(svg, { right, top, low: panel.low, x: panel.x, y: panel.y, xticks: ticks(right) });
    data.series.forEach((series, row) => {
      const style = styles[series.style];
      const points = (series.x || data.x).map((x, i) => [x, series.y[i], (series.band || [])[i] || 0]).filter((p) => p[1] !== null && p[1] !== undefined);
      const up = points.map(([x, y, b]) => [sx(x), sy(y + b)]);
      const down = points.map(([x, y, b]) => [sx(x), sy(y - b)]).reverse();
      if (points.length > 1) {
        if (series.band) node(svg, "path", { d: line(up.concat(down)) + "Z", fill: style.color, opacity: 0.22 });
        node(svg, "path", { d: line(points.map(([x, y]) => [sx(x), sy(y)])), ...stroke(style) });
      }
      const y = box.top + 8 + 15 * row, x = box.right - 78;
      node(svg, "path", { d: `M${x} ${y}h24`, ...stroke(style) });
      node(svg, "text", { x: x + 30, y: y + 3.5 }, style.label);
    });
  },

  // data: { targets: [[[x, y], …], …], taught: [bool, …], paths: [{ style, points: [flat path, …] }] }; panel: { reach, names? }
  // Targets are in the unit of reach, paths in whole 200ths of it; taught may be 1 and 0.
  drawing(svg, panel, data, styles) {
    const middle = [WIDTH / 2, HEIGHT / 2], scale = (HEIGHT / 2 - 12) / panel.reach;
    const at = ([x, y]) => [middle[0] + scale * x, middle[1] - scale * y];
    data.targets.forEach((target, i) => {
      node(svg, "path", { d: line(target.map(at)), class: "target" });
      const [x, y] = at(target[target.length - 1]), beyond = ([a, b]) => a + 0.13 * (a - b);
      const place = { x: beyond([x, middle[0]]), y: beyond([y, middle[1]]) + 4, class: "middle" };
      if (panel.names) node(svg, "text", place, panel.names[i]);
      else node(svg, "circle", { cx: x, cy: y, r: 6, class: "goal" });
    });
    for (const { style, points } of data.paths) {
      for (const flat of points) {
        const path = walk(flat).map((point) => point.map((v) => (v * panel.reach) / 200));
        node(svg, "path", { d: line(path.map(at)), ...stroke(styles[style]), "stroke-width": 1.5 });
        path.forEach((point, t) => {
          const [x, y] = at(point), color = styles[style].color, taught = data.taught[t];
          node(svg, "circle", { cx: x, cy: y, r: taught ? 2.6 : 2.2, fill: taught ? color : "none", stroke: color });
        });
      }
    }
    node(svg, "circle", { cx: 12, cy: HEIGHT - 26, r: 2.6, fill: "currentColor" });
    node(svg, "text", { x: 20, y: HEIGHT - 22.5 }, "taught");
    node(svg, "circle", { cx: 12, cy: HEIGHT - 11, r: 2.4, fill: "none", stroke: "currentColor" });
    node(svg, "text", { x: 20, y: HEIGHT - 7.5 }, "untaught");
  },

  // data: { bars: [{ style, parts: [number, …], dots: [number, …] }] }; panel: { y, parts: [label, …] }
  bars(svg, panel, data, styles, id) {
    const tops = data.bars.flatMap((bar) => [bar.parts.reduce((a, b) => a + b, 0), ...(bar.dots || [])]);
    const top = 1.08 * Math.max(...tops, 1e-9);
    const { sx, sy, box } = axes(svg, { right: data.bars.length, top, y: panel.y });
    data.bars.forEach((bar, i) => {
      const style = styles[bar.style], wide = 0.5;
      let below = 0;
      bar.parts.forEach((part, p) => {
        const name = `${id}-${bar.style}-${p}`, fill = p ? `url(#${name})` : style.color;
        if (p) hatch(svg, name, style.color);
        const y = sy(below + part), height = Math.max(0, sy(below) - y);
        node(svg, "rect", { x: sx(i + 0.18), width: sx(wide) - sx(0), y, height, fill, stroke: style.color });
        below += part;
      });
      for (const dot of bar.dots || []) node(svg, "circle", { cx: sx(i + 0.18 + wide + 0.08), cy: sy(dot), r: 2, class: "dot" });
      node(svg, "text", { x: sx(i + 0.18 + wide / 2), y: box.bottom + 14, class: "middle" }, style.label);
    });
    panel.parts.forEach((label, p) => {
      const y = HEIGHT - 16, x = box.left + 10 + p * 120;
      node(svg, "rect", { x, y, width: 10, height: 10, fill: p ? `url(#${id}-${data.bars[0].style}-${p})` : styles[data.bars[0].style].color, stroke: styles[data.bars[0].style].color });
      node(svg, "text", { x: x + 15, y: y + 9 }, label);
    });
  },

  // data: { style, y: [number, …], taught: [bool, …] }; panel: { x, y }
  steps(svg, panel, data, styles, id) {
    const color = styles[data.style].color, count = data.y.length;
    const { sx, sy, box } = axes(svg, { right: count, top: 1.05 * Math.max(...data.y, 1e-9), x: panel.x, y: panel.y });
    hatch(svg, `${id}-hatch`, color);
    data.y.forEach((y, t) => {
      const fill = data.taught[t] ? color : `url(#${id}-hatch)`;
      node(svg, "rect", { x: sx(t + 0.14), width: sx(0.72) - sx(0), y: sy(y), height: sy(0) - sy(y), fill, stroke: color });
      node(svg, "text", { x: sx(t + 0.5), y: box.bottom + 14, class: "middle" }, t);
    });
  },

  // data: { values: [[-1 … 1 or null, …], …], cuts: [row, …], mark: [row, column] }; panel: { x, y, columns, rows, colors: [of > 0, of < 0] }
  matrix(svg, panel, data) {
    const rows = data.values.length, columns = data.values[0].length, left = 40, top = 22;
    const size = Math.min((WIDTH - left - 8) / columns, (HEIGHT - top - 30) / rows);
    data.values.forEach((row, r) => row.forEach((value, c) => {
      const place = { x: left + c * size, y: top + r * size, width: size - 1.5, height: size - 1.5 };
      node(svg, "rect", { ...place, class: "hollow" });
      if (value) node(svg, "rect", { ...place, fill: panel.colors[value < 0 ? 1 : 0], opacity: Math.abs(value) });
      if (value === 0) node(svg, "circle", { cx: place.x + size / 2, cy: place.y + size / 2, r: 1.5, class: "dot" });
    }));
    for (let c = 0; c < columns; c++) node(svg, "text", { x: left + (c + 0.47) * size, y: top - 5, class: "middle" }, panel.columns[c]);
    for (let r = 0; r < rows; r++) node(svg, "text", { x: left - 5, y: top + (r + 0.62) * size, class: "end" }, panel.rows[r]);
    for (const cut of data.cuts || []) node(svg, "path", { d: `M${left - 2} ${top + cut * size - 0.75}h${columns * size}`, class: "cut" });
    for (const [r, c] of data.mark ? [data.mark] : []) node(svg, "rect", { x: left + c * size - 1, y: top + r * size - 1, width: size + 0.5, height: size + 0.5, class: "chosen" });
    node(svg, "text", { x: left + (columns * size) / 2, y: top + rows * size + 16, class: "middle" }, panel.x);
    const middle = top + (rows * size) / 2;
    node(svg, "text", { x: 11, y: middle, class: "middle", transform: `rotate(-90 11 ${middle})` }, panel.y);
  },
};

// Panels of text, over the whole width.
const TEXTS = {
  // data: { said: [[{ style, text }, …] for each image] }; panel: { images: [{ src, alt, text }, …], size, label }
  told(div, panel, data, styles) {
    data.said.forEach((texts, i) => {
      const row = node(div, "h:div"), { src, alt, text } = panel.images[i];
      node(row, "h:img", { src, alt, width: panel.size, height: panel.size });
      const list = node(row, "h:ul");
      for (const { style, text: words } of [{ text }, ...texts]) {
        const look = style ? styles[style] : { label: panel.label, color: "inherit" }, item = node(list, "h:li");
        node(item, "h:b", { style: `color: ${look.color}` }, look.label);
        item.append(` ${words}`);
      }
    });
  },
};

const STYLE = `
.ccdni { font: 14px/1.4 system-ui, sans-serif; color: inherit; max-width: 1060px; margin: 0.5em 0 1em; }
.ccdni .sliders { display: grid; grid-template-columns: max-content minmax(8em, 24em) max-content; gap: 0.3em 0.9em; align-items: center; }
.ccdni .sliders input { width: 100%; accent-color: #d97000; margin: 0; min-height: 1.8em; }
.ccdni .sliders output { font-variant-numeric: tabular-nums; min-width: 4.5em; }
.ccdni .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); gap: 0.4em 0.8em; margin-top: 0.6em; }
.ccdni figure { margin: 0; padding: 0; }
.ccdni figcaption { text-align: left; font-weight: 600; font-size: 13px; margin: 0; color: inherit; }
.ccdni svg { width: 100%; height: auto; display: block; overflow: visible; background: none; }

.ccdni svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
.ccdni .told { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20em, 100%), 1fr)); gap: 0.7em 1em; margin: 0.4em 0; }
.ccdni .told div { display: flex; gap: 0.7em; align-items: flex-start; } .ccdni .told img { flex: none; }
.ccdni .told ul { list-style: none; margin: 0; padding: 0; font-size: 13px; line-height: 1.35; } .ccdni .told li { margin: 0 0 0.1em; }
.ccdni .middle { text-anchor: middle; } .ccdni .end { text-anchor: end; }
.ccdni .axis { fill: none; stroke: currentColor; } .ccdni .grid { stroke: currentColor; opacity: 0.13; }
.ccdni .target { fill: none; stroke: currentColor; stroke-dasharray: 1 4; opacity: 0.7; }
.ccdni .goal { fill: none; stroke: currentColor; opacity: 0.6; }
.ccdni .dot { fill: currentColor; opacity: 0.55; } .ccdni .hollow { fill: none; stroke: currentColor; opacity: 0.18; }
.ccdni .chosen { fill: none; stroke: currentColor; stroke-width: 2; }
.ccdni .cut { stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 4 3; }
.ccdni .say { margin: 0.5em 0 0; min-height: 2.8em; } .ccdni .note { margin: 0.2em 0 0; font-size: 12px; opacity: 0.75; }
.ccdni .note button { font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: 4px; padding: 0 0.5em; cursor: pointer; }
@media (max-width: 480px) { .ccdni .sliders { grid-template-columns: 1fr max-content; } .ccdni .sliders label { grid-column: 1 / -1; } }
@media print { .ccdni .sliders input, .ccdni .note button { display: none; } }
`;

// What occurs in many cells may stand once in spec.shared, and { "$": its place there } instead of it.
function whole(text) {
  const { shared } = JSON.parse(text);
  return JSON.parse(text, (_, value) => (value && value.$ !== undefined ? shared[value.$] : value));
}

function render({ model, el }) {
  const spec = whole(model.get("spec"));
  const inPage = Boolean(model.inPage);
  el.replaceChildren();
  // JupyterLab would take the arrow keys for its commands, and the focus for its active cell.
  const label = { role: "group", "aria-label": spec.title, "data-lm-suppress-shortcuts": "true" };
  const root = node(el, "h:div", { class: "ccdni", ...label });
  root.addEventListener("keydown", (event) => event.stopPropagation());
  node(root, "h:style", {}, STYLE);

  let place = inPage ? fromAddress(spec) : [...model.get("place")];
  const controls = node(root, "h:div", { class: "sliders" });
  const sliders = spec.sliders.map((slider, i) => {
    const id = `${spec.name}-${slider.name}-${Math.random().toString(36).slice(2, 8)}`;
    node(controls, "h:label", { for: id }, slider.label);
    const input = node(controls, "h:input", { type: "range", id, min: 0, max: slider.values.length - 1, step: 1 });
    const output = node(controls, "h:output", { for: id });
    input.addEventListener("input", () => move(place.map((p, j) => (j === i ? +input.value : p))));
    return { input, output, show: (index) => withUnit(slider.values[index], slider.unit) };
  });
  const texts = node(root, "h:div");
  const wide = `max-width: ${412 * spec.panels.filter((panel) => !TEXTS[panel.kind]).length}px`;
  const pictures = node(root, "h:div", { class: "panels", style: wide });
  const views = spec.panels.map((panel) => {
    const figure = node(TEXTS[panel.kind] ? texts : pictures, "h:figure");
    node(figure, "h:figcaption", {}, panel.title);
    if (TEXTS[panel.kind]) return node(figure, "h:div", { class: panel.kind });
    return node(figure, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": panel.title });
  });
  const say = node(root, "h:p", { class: "say", role: "status", "aria-live": "polite" });
  const note = node(root, "h:p", { class: "note" });

  function draw() {
    const live = JSON.parse(model.get("live") || "{}");
    const training = live.place && String(live.place) === String(place);
    const cell = (training && live.cell) || spec.cells[place.join(",")];
    sliders.forEach(({ input, output, show }, i) => {
      input.value = place[i];
      input.setAttribute("aria-valuetext", show(place[i]));
      output.textContent = show(place[i]);
    });
    views.forEach((svg, i) => {
      svg.replaceChildren();
      if (TEXTS[spec.panels[i].kind]) return TEXTS[spec.panels[i].kind](svg, spec.panels[i], cell.panels[i], spec.styles);
      PANELS[spec.panels[i].kind](svg, spec.panels[i], cell.panels[i], spec.styles, `${spec.name}${i}`);
      svg.setAttribute("aria-label", `${spec.panels[i].title}. ${cell.say}`);
    });
    say.textContent = cell.say;
    note.replaceChildren(training && live.status ? live.status : spec.note);
    if (inPage) link(note);
  }

  function link(parent) {
    const button = node(parent, "h:button", { type: "button" }, "copy a link to this setting");
    parent.insertBefore(document.createTextNode(" "), button);
    button.addEventListener("click", async () => {
      await navigator.clipboard?.writeText(location.href);
      button.textContent = "copied";
    });
  }

  function move(to) {
    place = to;
    if (inPage) toAddress(spec, place);
    model.set("place", place);
    model.save_changes();
    draw();
  }

  model.on("change:live", draw);
  model.on("change:place", () => {
    place = [...model.get("place")];
    draw();
  });
  draw();
}

// The state of a page's explorers stands in its address, as ?lines.truncation=2&lines.feedback_interval=3
function fromAddress(spec) {
  const asked = new URLSearchParams(location.search);
  return spec.sliders.map((slider, i) => {
    const index = slider.values.map(String).indexOf(asked.get(`${spec.name}.${slider.name}`));
    return index < 0 ? spec.start[i] : index;
  });
}

function toAddress(spec, place) {
  const address = new URL(location.href);
  spec.sliders.forEach((slider, i) => address.searchParams.set(`${spec.name}.${slider.name}`, slider.values[place[i]]));
  history.replaceState(null, "", address);
}

export default { render };
