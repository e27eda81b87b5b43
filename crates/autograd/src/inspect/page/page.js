"use strict";
// Shows what the data says. Every text goes in as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const state = { open: new Set(), zoom: null, step: 1, walking: false, picked: null, paths: 0, on: new Set(), sort: [0, 1], all: false };

  const fill = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat()) {
      if (child !== undefined && child !== null) element.append(child);
    }
    return element;
  };
  const make = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const draw = (tag, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // The graph.

  const key = (open) => [...open].sort((a, b) => a - b).join(",");
  const picture = () => data.graph.pictures[key(state.open)];
  const around = (group) => (group === null || group === undefined ? [] : [group, ...around(data.groups[group].parent)]);
  const opened = (text) => new Set(text === "" ? [] : text.split(",").map(Number));

  const toggle = (group) => {
    const folding = state.open.has(group);
    let open = new Set(state.open);
    if (folding) open = new Set([...open].filter((other) => !around(other).includes(group)));
    else open.add(group);
    if (!data.graph.pictures[key(open)]) open = new Set(around(folding ? data.groups[group].parent : group));
    show(open);
    const again = $("canvas").querySelector(`[data-group="${group}"]`);
    if (again) again.focus({ preventScroll: false });
  };

  const show = (open) => {
    if (!data.graph.pictures[key(open)]) return;
    state.open = open;
    drawGraph();
  };

  const press = (action) => ({
    onclick: action,
    onkeydown: (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        action();
      }
    },
    tabindex: 0,
    role: "button",
  });

  const boxFor = (node) => {
    const { boxes } = picture();
    const own = boxes.findIndex((box) => box.node === node && !box.echo);
    if (own >= 0) return own;
    const groups = around(data.nodes[node] ? data.nodes[node].group : null);
    return boxes.findIndex((box) => box.group !== null && groups.includes(box.group));
  };

  const lines = (face, x, y) => [
    draw("text", { x: x + 10, y: y + 18 }, draw("tspan", { class: "n" }, face.title), draw("tspan", { class: "o", dx: 8 }, face.aside)),
    ...face.lines.map((line, i) =>
      draw("text", { class: line.startsWith("grad") ? "g" : "v", x: x + 10, y: y + 35 + 17 * i }, line)),
  ];

  const wireClass = (edges) => {
    const classes = new Set(edges.map((edge) => data.edges[edge].class));
    return classes.size === 1 ? [...classes][0] : "";
  };

  const marker = (id, name) =>
    draw("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" },
      draw("path", { class: name, d: "M0 0L8 4L0 8z" }));

  const drawGraph = () => {
    const { width, height, boxes, frames, strands } = picture();
    const canvas = $("canvas");
    const svg = draw("svg", { class: "graph", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": data.headline },
      draw("defs", {}, marker("arrow", "head"), marker("tip", "tip")));
    for (const frame of frames) {
      const title = data.groups[frame.group].title;
      svg.append(draw("g", { class: "frame" },
        draw("rect", { x: frame.x, y: frame.y, width: frame.w, height: frame.h, rx: 8 }),
        draw("g", { ...press(() => toggle(frame.group)), "data-group": frame.group, "aria-expanded": "true", "aria-label": `${title}, open: fold it` },
          draw("rect", { class: "handle", x: frame.x + 4, y: frame.y + 4, width: 7.3 * title.length + 30, height: 18, rx: 5 }),
          draw("text", { class: "t", x: frame.x + 9, y: frame.y + 17 }, `▾ ${title}`))));
    }
    svg.append(...strands.map((strand) =>
      draw("path", { class: `wire ${wireClass(strand.edges)}`, d: strand.path, "marker-end": strand.arrow ? "url(#arrow)" : null })));
    svg.append(draw("g", { id: "overlay" }));
    for (const strand of strands) {
      if (!strand.label) continue;
      const { x, y, w, h } = strand.label;
      const text = strand.text.length ? strand.text : data.edges[strand.edges[0]].lines;
      svg.append(draw("g", { class: "label" }, draw("rect", { x, y, width: w, height: h, rx: 3 }),
        ...text.map((line, i) => draw("text", { class: line.startsWith("←") ? "m" : "d", x: x + w / 2, y: y + 12.5 + 14 * i }, line))));
    }
    boxes.forEach((box, place) => {
      const isGroup = box.group !== null;
      const { face } = isGroup ? data.groups[box.group] : data.nodes[box.node];
      const action = isGroup ? () => toggle(box.group) : () => pick(box.node);
      svg.append(draw("g", {
        ...press(action), class: `box ${isGroup ? "folded" : box.echo ? "echo" : data.nodes[box.node].class}`, "data-place": place,
        "data-node": box.echo ? null : box.node, "data-group": box.group, "aria-expanded": isGroup ? "false" : null, "aria-label": face.about,
      }, draw("title", {}, face.about), draw("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 6 }),
        ...(box.echo ? [draw("text", { class: "n", x: box.x + 10, y: box.y + 17 }, face.title)] : lines(face, box.x, box.y))));
    });
    canvas.replaceChildren(svg);
    $("said").textContent = data.graph.said[key(state.open)];
    zoom();
    paint();
  };

  const zoom = (factor) => {
    const { width } = picture();
    const room = $("canvas").clientWidth - 4;
    if (factor) state.zoom = Math.min(4, Math.max(0.1, (state.zoom || fitting(width, room)) * factor));
    const scale = state.zoom || fitting(width, room);
    $("canvas").firstChild.setAttribute("width", width * scale);
  };
  const fitting = (width, room) => Math.min(1.3, Math.max(0.8, room / width));

  // What is highlighted: paths, the player's step, the chosen node.
  const paint = () => {
    const { strands } = picture();
    const boxes = $("canvas").querySelectorAll(".box");
    const overlay = $("overlay");
    boxes.forEach((box) => box.classList.remove("now", "target", "picked"));
    const coloured = strands.map(() => []);
    const paths = data.paths[state.paths];
    (paths ? paths.rows : []).forEach((row, i) => {
      if (!state.on.has(i)) return;
      strands.forEach((strand, place) => {
        if (strand.edges.some((edge) => row.edges.includes(edge))) coloured[place].push(i);
      });
    });
    const drawn = [];
    coloured.forEach((ways, place) => ways.forEach((way, i) => {
      const off = (i - (ways.length - 1) / 2) * 4.5;
      const transform = data.graph.down ? `translate(${off} 0)` : `translate(0 ${off})`;
      drawn.push(draw("path", { class: `way p${way % 5}`, "data-way": way, d: strands[place].path, transform }));
    }));
    if (state.walking) {
      const frame = data.frames[state.step - 1];
      const edges = frame.parts.map((part) => part.edge);
      for (const strand of strands.filter((strand) => strand.edges.some((edge) => edges.includes(edge)))) {
        drawn.push(draw("path", { class: "flow", d: strand.path, "marker-start": "url(#tip)" }));
      }
      const mark = (node, name) => {
        const place = boxFor(node);
        if (place >= 0) boxes[place].classList.add(name);
      };
      frame.parts.forEach((part) => mark(part.target, "target"));
      mark(frame.node, "now");
    }
    overlay.replaceChildren(...drawn);
    if (state.picked !== null && boxFor(state.picked) >= 0) boxes[boxFor(state.picked)].classList.add("picked");
  };

  const reveal = (node) => {
    const box = $("canvas").querySelector(`[data-place="${boxFor(node)}"]`);
    if (!box) return;
    const canvas = $("canvas").getBoundingClientRect();
    const area = box.getBoundingClientRect();
    const far = (low, high, from, to) => (low < from ? low - from - 20 : high > to ? high - to + 20 : 0);
    $("canvas").scrollBy(far(area.left, area.right, canvas.left, canvas.right), far(area.top, area.bottom, canvas.top, canvas.bottom));
  };

  // The chosen node.

  const pick = (node, isFar) => {
    state.picked = node;
    const known = data.nodes[node];
    if (!known) return;
    const { face, details } = known;
    $("node-title").textContent = `Node ${node}: ${face.title} ${face.aside}`;
    $("about").replaceChildren(make("dl", {}, ...details.map(([word, text]) => [make("dt", {}, word), make("dd", { class: text.includes("\n") ? "matrix" : null }, text)])));
    paint();
    reveal(node);
    if (isFar) $("graph").scrollIntoView({ block: "nearest" });
    for (const row of $("rows").tBodies[0].rows) row.classList.toggle("picked", Number(row.dataset.node) === node);
  };
  const link = (node) => make("button", { type: "button", onclick: () => pick(node, true), "aria-label": `Show node ${node}` }, String(node));

  // The player.

  const walk = (step, isStart) => {
    state.step = Math.min(data.frames.length, Math.max(1, step));
    state.walking = !isStart;
    const frame = data.frames[state.step - 1];
    $("step").value = state.step;
    $("step").setAttribute("aria-valuetext", frame.head);
    $("frame").replaceChildren(
      make("div", { class: "head" }, frame.head),
      make("div", { class: "part" }, `incoming ${frame.incoming}`),
      ...frame.parts.map((part) => make("div", { class: "part", "data-target": part.target },
        make("div", {}, `to ${part.name}`),
        part.local ? make("div", {}, `local ${part.local}`) : null,
        make("div", {}, `message ${part.message}`),
        part.total ? make("div", { class: "total" }, part.total) : null,
        part.count ? make("div", {}, `(${part.count})`) : null)));
    if (!isStart) {
      paint();
      reveal(frame.node);
    }
  };

  // Paths.

  const showPaths = (place) => {
    state.paths = place;
    const { title, end, rows } = data.paths[place];
    state.on = new Set(rows.slice(0, 5).keys());
    const change = (i) => (event) => {
      if (event.target.checked) state.on.add(i);
      else state.on.delete(i);
      paint();
    };
    const row = (way, i) => make("label", { class: "path" },
      make("input", { type: "checkbox", checked: state.on.has(i), onchange: change(i), "aria-label": `colour path ${i + 1}` }),
      make("div", { class: "line" },
        draw("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, draw("path", { class: `p${i % 5}`, d: "M0 5L26 5" })),
        ` ${way.share}   ${way.product}`,
        make("div", { class: `share p${i % 5}`, style: `width: ${Math.min(100, Math.abs(100 * way.part))}%` }),
        way.way));
    $("ways").replaceChildren(make("p", { class: "head" }, title), ...rows.map(row), make("p", { class: "quiet" }, end));
    paint();
  };

  // The table.

  const SHOWN = 300;
  const table = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter((word) => word);
    const kind = $("kind").value;
    const [column, direction] = state.sort;
    const isOf = { all: () => true, op: (c) => !c.includes("leaf"), leaf: (c) => c.includes("leaf"), lost: (c) => c.includes("lost") }[kind];
    const rows = data.rows.filter((row) => {
      const text = row.cells.join(" ").toLowerCase();
      const { class: name, face } = data.nodes[row.node];
      const isLeaf = face.aside === "input" || face.aside === "parameter" || row.cells[1] === "leaf";
      return words.every((word) => text.includes(word)) && isOf(`${name} ${isLeaf ? "leaf" : ""}`);
    });
    const order = (a, b) => {
      const [x, y] = [a.keys[column], b.keys[column]];
      if (x !== null && y !== null) return direction * (x - y) || a.node - b.node;
      if (x !== null || y !== null) return x === null ? 1 : -1;
      return direction * a.cells[column].localeCompare(b.cells[column], undefined, { numeric: true }) || a.node - b.node;
    };
    rows.sort(order);
    const shown = state.all ? rows : rows.slice(0, SHOWN);
    const cell = (row, text, i) => make("td", {}, i === 0 ? link(row.node) : text);
    const line = (row) => make("tr", { "data-node": row.node, class: row.node === state.picked ? "picked" : null },
      ...columns().map((i) => cell(row, row.cells[i], i)));
    $("rows").tBodies[0].replaceChildren(...shown.map(line));
    $("count").textContent = shown.length < rows.length ? `${shown.length} of ${rows.length} rows shown` : `${rows.length} rows`;
    $("more").hidden = shown.length === rows.length;
    const heads = $("rows").tHead.querySelectorAll("th");
    columns().forEach((i, place) =>
      heads[place].setAttribute("aria-sort", i !== column ? "none" : direction > 0 ? "ascending" : "descending"));
  };
  // A column that is empty throughout is left out.
  const columns = () => (columns.known ??= [...data.columns.keys()].filter((i) => data.rows.some((row) => row.cells[i] !== "")));

  // Reports.

  const map = ({ title, columns: wide, cells, legend }) => {
    const size = Math.max(6, Math.min(26, Math.floor(640 / wide)));
    const high = Math.ceil(cells.length / wide);
    const square = (cell, i) => draw("g", {},
      draw("rect", { class: "cell", x: (i % wide) * size, y: Math.floor(i / wide) * size, width: size, height: size }),
      draw("rect", { class: cell.kind, "fill-opacity": cell.kind === "ok" ? 0.55 : cell.level, x: (i % wide) * size, y: Math.floor(i / wide) * size, width: size, height: size },
        draw("title", {}, cell.about)));
    const strongest = [...cells].sort((a, b) => b.level - a.level).slice(0, 5).map((cell) => cell.about).join("; ");
    return make("figure", { class: "map" },
      draw("svg", { viewBox: `0 0 ${wide * size} ${high * size}`, width: wide * size, height: high * size, role: "img", "aria-label": `${title}, strongest: ${strongest}` },
        ...cells.map(square)),
      make("figcaption", {}, `${title}  `, ...legend.map(([kind, words]) =>
        make("span", { class: "legend" }, draw("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, draw("rect", { class: kind, width: 12, height: 12 })), words))));
  };
  const board = ({ id, title, alarm, text, columns: heads, rows, maps }) => make("section", { id, class: alarm ? "alarm" : null },
    make("h2", {}, title),
    make("pre", {}, text),
    ...maps.map(map),
    rows.length ? make("div", { class: "scroll" }, make("table", { class: "plain" },
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows.map((row) => make("tr", { class: row.alarm ? "alarm" : null },
        ...row.cells.map((cell, i) => make("td", {}, i === 0 && heads[0] === "node" && row.node !== null ? link(row.node)
          : i === 0 && row.node !== null ? [cell, " ", link(row.node)] : cell))))))) : null);

  // The whole.

  $("title").textContent = data.title;
  $("summary").textContent = data.title === data.headline ? data.summary : `${data.headline}. ${data.summary}`;
  for (const one of data.boards) $(one.id === "nonfinite" ? "first-of-all" : "boards").append(board(one));

  $("folding").hidden = $("how").hidden = data.groups.length === 0;
  $("alone").hidden = data.graph.is_complete;
  const everything = new Set(data.groups.keys());
  $("unfold").hidden = !data.graph.pictures[key(everything)];
  $("fold").addEventListener("click", () => show(new Set()));
  $("unfold").addEventListener("click", () => show(everything));
  $("first").addEventListener("click", () => show(opened(data.graph.start)));
  $("smaller").addEventListener("click", () => zoom(1 / 1.25));
  $("larger").addEventListener("click", () => zoom(1.25));
  $("fit").addEventListener("click", () => {
    state.zoom = ($("canvas").clientWidth - 4) / picture().width;
    zoom();
  });
  addEventListener("resize", () => zoom());
  show(opened(data.graph.start));

  $("player").hidden = data.frames.length === 0;
  if (data.frames.length) {
    $("step").max = data.frames.length;
    $("step").addEventListener("input", () => walk(Number($("step").value)));
    $("back").addEventListener("click", () => walk(state.step - 1));
    $("on").addEventListener("click", () => walk(state.step + 1));
    walk(1, true);
  }

  $("paths").hidden = data.paths.length === 0;
  if (data.paths.length) {
    $("choice").hidden = data.paths.length === 1;
    $("ends").append(...data.paths.map(({ title }, i) => make("option", { value: i }, title.replace(/^paths /, "").split(":")[0])));
    $("ends").addEventListener("change", () => showPaths(Number($("ends").value)));
    showPaths(0);
  }

  const sortBy = (i) => () => {
    state.sort = [i, state.sort[0] === i ? -state.sort[1] : 1];
    table();
  };
  $("rows").tHead.append(make("tr", {}, ...columns().map((i) =>
    make("th", { scope: "col" }, make("button", { type: "button", onclick: sortBy(i) }, data.columns[i])))));
  $("search").addEventListener("input", table);
  $("kind").addEventListener("change", table);
  $("more").addEventListener("click", () => {
    state.all = true;
    table();
  });
  $("left-out").textContent = data.left_out || "";
  table();

  const parts = [...document.querySelectorAll("section")].filter((section) => !section.hidden && section.id !== "node");
  $("parts").append(...parts.map((section) => make("a", { href: `#${section.id}`, class: section.classList.contains("alarm") ? "alarm" : null }, section.querySelector("h2").textContent)));

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const isTyping = target.matches("input[type=search], select, textarea, #canvas, .scroll");
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      $("search").focus();
    } else if (event.key === "Escape" && target === $("search")) {
      $("search").value = "";
      table();
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !isTyping && data.frames.length) {
      event.preventDefault();
      walk(state.step + (event.key === "ArrowRight" ? 1 : -1));
    }
  });
})();
