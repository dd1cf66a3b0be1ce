// Draws who waits for whom. What it uses of the small tools stands in page.js.

function inCircle(waits) {
  const on = new Map(waits.map((wait) => [wait.thread, wait.on]));
  const comesBack = (start) => {
    const seen = new Set();
    let thread = start;
    for (; thread != null && !seen.has(thread); thread = on.get(thread)) seen.add(thread);
    return thread === start;
  };
  return new Set([...on.keys()].filter(comesBack));
}

function showWaits(waits) {
  const circle = inCircle(waits);
  const said = waits.map((wait) => {
    const word = circle.has(wait.thread) ? " (part of the circle)" : "";
    return make("li", {}, `${nameOf(wait.thread)} ${wait.why}${word}`);
  });
  at("waits-list").replaceChildren(...said);
  const { nodes, height } = placedNodes(waits);
  const edges = waits.map((wait) => {
    const mutual = waits.some((other) => other.thread === wait.on && other.on === wait.thread);
    return edge(nodes.get(wait.thread), nodes.get(wait.on ?? `of ${wait.thread}`), wait, circle.has(wait.thread), mutual);
  });
  at("graph").setAttribute("viewBox", `0 0 480 ${height}`);
  at("graph").replaceChildren(arrowHead("wait-head"), ...edges, ...[...nodes.values()].map(nodeBox));
}

// Threads stand in a ring. One that waits for nobody in particular points at what it waits at.
function placedNodes(waits) {
  const nodes = new Map();
  for (const wait of waits) {
    nodes.set(wait.thread, { label: nameOf(wait.thread), thread: wait.thread });
    if (wait.on == null) nodes.set(`of ${wait.thread}`, { label: wait.thing ?? "something", thread: null });
  }
  for (const { on } of waits) if (on != null && !nodes.has(on)) nodes.set(on, { label: nameOf(on), thread: on });
  const flat = nodes.size <= 2;
  const [height, ry] = flat ? [130, 0] : [270, 110];
  [...nodes.values()].forEach((node, index) => {
    const angle = (2 * Math.PI * index) / nodes.size - (flat ? Math.PI : Math.PI / 2 + Math.PI / nodes.size);
    node.x = 240 + 185 * Math.cos(angle);
    node.y = height / 2 + ry * Math.sin(angle);
    node.half = Math.max(38, node.label.length * 4.2 + 12);
  });
  return { nodes, height };
}

function nodeBox(node) {
  const kind = node.thread == null ? "thing-node" : colourOf(node.thread);
  const box = draw("rect", { x: node.x - node.half, y: node.y - 17, width: 2 * node.half, height: 34, rx: 8 });
  return draw("g", { class: `node ${kind}` }, box, draw("text", { x: node.x, y: node.y + 5 }, node.label));
}

function edge(from, to, wait, isIn, mutual) {
  // Two that wait for each other get two lines, bent apart.
  const by = mutual ? 0.25 : 0;
  const bend = { x: (from.x + to.x) / 2 - (to.y - from.y) * by, y: (from.y + to.y) / 2 + (to.x - from.x) * by };
  const rim = (node) => {
    const [x, y] = [bend.x - node.x, bend.y - node.y];
    const scale = Math.min(1, 1 / Math.max(Math.abs(x) / (node.half + 5), Math.abs(y) / 22));
    return { x: node.x + x * scale, y: node.y + y * scale };
  };
  const [start, end] = [rim(from), rim(to)];
  const d = `M${start.x} ${start.y} Q${bend.x} ${bend.y} ${end.x} ${end.y}`;
  const line = draw("path", { d, "marker-end": "url(#wait-head)" });
  const middle = { x: (start.x + 2 * bend.x + end.x) / 4, y: (start.y + 2 * bend.y + end.y) / 4 };
  const label = wait.on == null ? "" : wait.thing ?? "";
  return draw("g", { class: isIn ? "edge circle" : "edge" }, line, draw("text", { x: middle.x, y: middle.y + 4 }, label));
}
