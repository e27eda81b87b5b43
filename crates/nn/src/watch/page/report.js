"use strict";
// Draws what the data says. Every text goes in as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const fill = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== undefined && child !== null));
    return element;
  };
  const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const draw = (tag, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // Curves.

  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [560, 250, 62, 12, 10, 26];
  const paint = (i) => `p${i % 5}${i >= 5 ? " dashed" : ""}`;
  const short = (x) => (x === 0 ? "0" : Math.abs(x) >= 1e4 || Math.abs(x) < 1e-3 ? x.toExponential(1).replace(".0e", "e").replace("e+", "e") : String(Number(x.toPrecision(3))));
  const round = (low, high, most) => {
    const rough = (high - low) / most || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    const ticks = [];
    for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) ticks.push(Math.abs(x) < step * 1e-9 ? 0 : x);
    return ticks;
  };
  const ends = (numbers) => {
    let [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    if (!numbers.length) [low, high] = [0, 1];
    if (low === high) [low, high] = [low - (Math.abs(low) * 0.1 || 1), high + (Math.abs(high) * 0.1 || 1)];
    return [low, high];
  };
  // Lines over steps, or over places that have names. Returns the picture, and what marks a step in it.
  const curves = ({ lines, logarithmic, mark, about, names, whole }) => {
    const size = (y) => (logarithmic ? Math.log10(y) : y);
    const good = (y) => y !== null && (!logarithmic || y > 0);
    const ys = lines.flatMap((line) => line.points.filter(([, y]) => good(y)).map(([, y]) => size(y)));
    const [low, high] = ends(mark ? [...ys, size(mark[0])] : ys);
    const xs = lines.flatMap((line) => line.points.map(([x]) => x));
    const [first, last] = ends(xs);
    // Names have room on both sides of their places.
    const labels = (names || []).map((name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name));
    const room = names ? 7 * Math.max(...labels.map((label) => label.length)) : 0;
    const wide = WIDTH - LEFT - RIGHT - room;
    const X = (x) => LEFT + room / 2 + ((x - first) / (last - first)) * wide;
    const Y = (y) => TOP + ((high - size(y)) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": about });
    const ticks = logarithmic ? round(low, high, 5).filter((t) => high - low < 1 || Number.isInteger(t)).map((t) => [t, 10 ** t]) : round(low, high, 5).map((t) => [t, t]);
    for (const [tick, value] of ticks) {
      const y = TOP + ((high - tick) / (high - low)) * (HEIGHT - TOP - BOTTOM);
      svg.append(draw("path", { class: "axis", d: `M${LEFT} ${y}H${WIDTH - RIGHT}` }), draw("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, short(value)));
    }
    const every = names ? Math.ceil(((room + 8) * (last - first)) / wide) : 1;
    const places = names ? [...names.keys()].filter((i) => i % every === 0) : round(first, last, 6).filter(Number.isInteger);
    for (const place of places) {
      const end = !names && place === first ? "start" : !names && place === last ? "end" : "middle";
      svg.append(draw("text", { x: X(place), y: HEIGHT - 8, "text-anchor": end }, names ? labels[place] : String(place)));
    }
    if (mark) svg.append(draw("path", { class: "mark", d: `M${LEFT} ${Y(mark[0])}H${WIDTH - RIGHT}` }));
    lines.forEach((line, i) => {
      let path = "";
      let down = false;
      for (const [x, y] of line.points) {
        if (good(y)) path += `${down ? "L" : "M"}${X(x).toFixed(1)} ${Y(y).toFixed(1)}`;
        down = good(y);
      }
      svg.append(draw("path", { class: `line ${paint(i)}`, d: path || "M0 0" }));
      if (whole || line.points.length === 1) {
        for (const [x, y] of line.points.filter(([, y]) => good(y))) svg.append(draw("path", { class: `dot ${paint(i)}`, d: `M${X(x)} ${Y(y)}h0` }, draw("title", {}, `${line.name}: ${short(y)}`)));
      }
    });
    const now = draw("path", { class: "now" });
    if (!names) svg.append(now);
    return { svg, at: (step) => now.setAttribute("d", step >= first && step <= last ? `M${X(step)} ${TOP}V${HEIGHT - BOTTOM}` : "") };
  };
  const legend = (lines, mark) => {
    const entry = (paint, name) => make("span", { class: "legend" }, draw("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, draw("line", { class: paint, x1: 0, x2: 12, y1: 6, y2: 6 })), name);
    return make("p", { class: "legends" }, ...lines.map((line, i) => entry(paint(i), line.name)), mark && entry("mark", mark[1]));
  };

  // The whole.

  $("run").textContent = data.title;
  $("summary").textContent = data.summary;
  $("cost").textContent = data.cost || "";
  $("diagnosis").classList.toggle("alarm", data.findings.length > 0);
  $("found").append(...(data.findings.length ? data.findings.map((one) => make("div", { class: "finding" }, make("p", { class: "head" }, one.head),
    make("p", {}, one.what), make("p", { class: "part" }, one.measure), make("p", {}, one.fix))) : [make("p", {}, "Nothing was found.")]));
  $("failure").hidden = !data.failure;
  $("provenance").textContent = data.failure || "";
  const pictures = data.charts.map((chart) => {
    const picture = curves(chart);
    $("charts").append(make("section", { id: chart.id, "aria-labelledby": `${chart.id}-title` }, make("h2", { id: `${chart.id}-title` }, chart.title), picture.svg, legend(chart.lines, chart.mark)));
    return picture;
  });
  $("graph").hidden = !data.graph;
  $("graph-title").textContent = `Graph: ${data.graph || ""}`;

  const heads = (table, columns) => table.tHead.append(make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column))));
  heads($("layer-rows"), data.layer_columns);
  heads($("parameter-rows"), data.parameter_columns);
  const rows = (table, cells) => table.tBodies[0].replaceChildren(...cells.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell)))));

  const state = { place: Math.max(0, data.records.length - 1) };
  const heat = () => {
    const chosen = data.histograms[Number($("tensor").value)];
    if (!chosen) return;
    const [wide, high] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];
    const [w, h] = [wide / chosen.columns.length, high / chosen.rows.length];
    const most = Math.max(...chosen.columns.flatMap((column) => column.map(([, share]) => share)), 1e-9);
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${chosen.name} over the watched steps; at the last one ${chosen.odd[chosen.odd.length - 1]}` });
    chosen.columns.forEach((column, x) => column.forEach(([row, share]) => svg.append(draw("rect", {
      class: chosen.rows[row] === "not finite" ? "bad" : "hot", x: (LEFT + x * w).toFixed(2), y: (TOP + row * h).toFixed(2), width: (w + 0.3).toFixed(2), height: (h + 0.3).toFixed(2), "fill-opacity": Math.max(0.08, Math.sqrt(share / most)).toFixed(3),
    }, draw("title", {}, `step ${data.records[x].step}, ${chosen.rows[row]}: ${short(100 * share)} %`)))));
    const every = Math.ceil(chosen.rows.length / 12);
    const zero = chosen.rows.indexOf("0");
    chosen.rows.forEach((label, row) => {
      if ((row - zero) % every === 0 || label === "not finite") svg.append(draw("text", { x: LEFT - 6, y: TOP + (row + 0.5) * h + 4, "text-anchor": "end" }, label));
    });
    svg.append(draw("path", { class: "axis", d: `M${LEFT} ${TOP}V${TOP + high}H${LEFT + wide}` }),
      draw("text", { x: LEFT, y: HEIGHT - 8 }, `step ${data.records[0].step}`),
      draw("text", { x: WIDTH - RIGHT, y: HEIGHT - 8, "text-anchor": "end" }, String(data.records[data.records.length - 1].step)),
      draw("path", { class: "now", d: `M${LEFT + (state.place + 0.5) * w} ${TOP}v${high}` }));
    $("heat").replaceChildren(svg);
    $("odd").textContent = `Bins of a factor of 2, by sign, the same at every step. At step ${data.records[state.place].step}, ${chosen.odd[state.place]}.`;
  };
  const show = (place) => {
    state.place = Math.min(data.records.length - 1, Math.max(0, place));
    const record = data.records[state.place];
    $("step").value = state.place;
    $("step").setAttribute("aria-valuetext", record.head);
    $("head").textContent = record.head;
    rows($("layer-rows"), record.layers);
    rows($("parameter-rows"), record.parameters);
    pictures.forEach((picture) => picture.at(record.step));
    $("flow").hidden = !record.flow;
    if (record.flow) {
      const { names, backward, forward, verdict } = record.flow;
      const lines = [{ name: "log10 rms gradient", points: [...backward.entries()] }, { name: "log10 rms output", points: [...forward.entries()] }];
      $("flow-chart").replaceChildren(curves({ lines, names, about: verdict, whole: names.length < 60 }).svg, legend(lines));
      $("verdict").textContent = verdict;
    }
    heat();
  };
  const watched = data.records.length > 0;
  for (const id of ["at", "flow", "histograms", "layers", "parameters"]) $(id).hidden = !watched;
  if (watched) {
    $("layers").hidden = !data.records[0].layers.length;
    $("tensor").append(...data.histograms.map((one, i) => make("option", { value: i }, one.name)));
    $("tensor").addEventListener("change", heat);
    $("step").max = data.records.length - 1;
    $("step").addEventListener("input", () => show(Number($("step").value)));
    $("back").addEventListener("click", () => show(state.place - 1));
    $("on").addEventListener("click", () => show(state.place + 1));
    show(state.place);
  }
  const parts = [...document.querySelectorAll("section")].filter((section) => !section.hidden && section.id !== "at");
  $("parts").append(...parts.map((section) => make("a", { href: `#${section.id}`, class: section.classList.contains("alarm") ? "alarm" : null }, section.querySelector("h2").textContent)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("select, input, #canvas, .scroll") || !watched) return;
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    show(state.place + (event.key === "ArrowRight" ? 1 : -1));
  });
})();
