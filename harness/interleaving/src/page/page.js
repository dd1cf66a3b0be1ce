// Shows stories, and steps through one. Every text may come from a learner's program, so it enters the page as text only.

const stories = JSON.parse(document.getElementById("stories").textContent);
const at = (id) => document.getElementById(id);

// What is on the screen: the story, what was worked out of it, the index of the current step among its steps, and the file.
const view = { story: null, told: null, step: 0, file: null, lines: [] };

/* ---- Small tools ---- */

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const arrowHead = (id) => {
  const size = { refX: 7, refY: 4, markerWidth: 9, markerHeight: 9 };
  const marker = { id, viewBox: "0 0 8 8", orient: "auto", markerUnits: "userSpaceOnUse", ...size };
  return draw("marker", marker, draw("path", { d: "M0 0L8 4L0 8z" }));
};

const nameOf = (thread) => view.story.threads[thread]?.name ?? `thread ${thread}`;
// There are colours for five threads; colours only add to the names.
const colourOf = (thread) => `t${thread % 5}`;
// A cell is narrow: an expression is best broken before a dot, after a bracket, or between the words of a name.
const SEAM = /(?=\.\w)|(?<=\w\()(?!\))|(?<=\w_)(?=[a-z])/;
const brokenAt = (seam, text) => text.split(seam).flatMap((part, index) => (index > 0 ? [make("wbr"), part] : [part]));
const shortName = (file) => file.split("/").slice(-2).join("/");
const wordsOf = (step) => (step.times > 1 ? `${step.text} (${step.times} times)` : step.text);

// A sentence, with code in backticks as code, and with steps and places as links to them.
function sentence(text) {
  const parts = text.split(/(`[^`]+`|\bstep \d+\b|[\w./-]+\.rs:\d+:\d+)/);
  return parts.filter((part) => part !== "").map((part) => {
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    const step = /^step (\d+)$/.exec(part);
    if (step) return stepLink(part, Number(step[1]));
    const place = /^(.+\.rs):(\d+):\d+$/.exec(part);
    if (place && view.story.sources[place[1]] !== undefined) return placeLink(part, place[1], Number(place[2]));
    return part;
  });
}

function stepLink(text, number) {
  const index = view.told.steps.findIndex((step) => step.number === number);
  if (index < 0) return text; // it is left out of the picture
  return link(text, () => go(index));
}

function placeLink(text, file, line) {
  return link(text, () => {
    showFile(file);
    scrollWithin(at("code"), view.lines[line - 1], 0);
  });
}

function link(text, follow) {
  const button = make("button", { type: "button", class: "link" }, text);
  button.addEventListener("click", () => {
    follow();
    at("picture").scrollIntoView({ block: "start" });
  });
  return button;
}

// Scrolls a pane, and never the page: whoever reads elsewhere stays there.
function scrollWithin(pane, node, covered) {
  if (!node || pane.clientHeight === 0) return;
  const box = pane.getBoundingClientRect();
  const inner = node.getBoundingClientRect();
  const isIn = inner.top >= box.top + covered && inner.bottom <= box.bottom - 8;
  if (isIn) return;
  pane.scrollTop += inner.top - box.top - (pane.clientHeight - inner.height) / 2;
}

/* ---- What a story says at each of its steps ---- */

// The rows tell only what changes. This adds it up, so that any step can be shown without those before it.
function workOut(story) {
  const steps = story.rows.filter((row) => row.row === "step");
  let [now, visible, places] = [new Map(), new Map(), new Map()];
  const states = steps.map((step) => {
    now = new Map([...now, ...step.now]);
    visible = new Map([...visible, ...step.visible]);
    if (step.at) places = new Map([...places, [step.thread, step.at]]);
    return { now, visible, places };
  });
  const startedBy = new Map();
  const endsAt = new Map(steps.filter((step) => step.text === "ends").map((step) => [step.thread, step.number]));
  for (const arrow of story.arrows.filter((arrow) => arrow.by === "start")) {
    startedBy.set(steps.find((step) => step.number === arrow.to)?.thread, arrow.from);
  }
  return { steps, states, startedBy, endsAt, last: steps.at(-1)?.number ?? 0 };
}

const learned = (arrow, to, from) =>
  `${nameOf(to)} now knows all that ${nameOf(from)} did up to step ${arrow.from} (${arrow.by})`;

function threadsOf(arrow) {
  const of = (number) => view.told.steps.find((step) => step.number === number)?.thread;
  return { from: of(arrow.from), to: of(arrow.to) };
}

/* ---- The verdict, how it was found, and what to do next ---- */

function showVerdict(story) {
  const { verdict } = story;
  const passed = verdict.kind === "passed";
  at("verdict").className = passed ? "good" : "bad";
  at("kind").textContent = `${passed ? "✓" : "✗"} ${verdict.kind}${story.test ? ` · ${story.test}` : ""}`;
  at("headline").replaceChildren(...sentence(verdict.headline));
  const kind = (line) => (line.startsWith(" ") ? { class: "part" } : {});
  const lines = verdict.lines.map((line) => make("p", kind(line), ...sentence(line.replace(/^ {2}/, ""))));
  const reasons = verdict.reasons.map((reason) => make("p", { class: "reason" }, ...sentence(reason)));
  at("because").replaceChildren(...lines, ...reasons);
  at("waits").hidden = verdict.waits.length === 0;
  if (verdict.waits.length > 0) showWaits(verdict.waits);
}

// One thing to think about, by the kind of the verdict. It asks, and does not solve the kata.
const THINK = {
  "passed": "Step through the example. At each step, ask: what if another thread came in between here? The checker has tried.",
  "data race": "Look at the two steps with ►. No chain of arrows leads from the first to the second. What could the one thread "
    + "publish, and the other read, in between?",
  "deadlock": "Go to the last step, and see who holds what and who waits. Which of them could have let go earlier?",
  "lost wakeup": "Look at the notification with ►. What had the other thread looked at before it waited, and under which lock?",
  "left behind": "See where that thread waits. Who was to wake it, or to tell it that no more comes?",
  "livelock": "See what the thread looks at again and again. Who was to change it, and why does nobody?",
  "panic": "Go back from the last step. At which step did a value become wrong? Had that thread looked at something that "
    + "another one then changed?",
  "leak": "Find the step that took the memory. Which thread was to give it back?",
  "double free": "Look at the steps with ►. How did each thread find out that it was the last one?",
  "use after free": "Look at the steps with ►. How could the first thread know that nobody would come after it?",
};

function showEnd(story) {
  at("found-text").replaceChildren(...sentence(story.found));
  at("covered").hidden = story.covered.length === 0;
  at("covered-list").replaceChildren(...story.covered.map((line) => make("li", {}, line)));
  const kata = Object.keys(story.sources).map((file) => /^katas\/(\w+)\/src\//.exec(file)?.[1]).find(Boolean);
  const passed = story.verdict.kind === "passed";
  const items = [THINK[story.verdict.kind] ?? "Go through the steps. At each, ask: what if another thread came in here?"];
  if (kata) items.push(passed ? "On to the next test: run `cargo kata`." : "Change your code, and run `cargo kata` again.");
  if (kata && !passed) items.push(`Stuck? The first hint is in \`hints/${kata}.md\`.`);
  at("next-list").replaceChildren(...items.map((item) => make("li", {}, ...sentence(item))));
}

/* ---- The lanes ---- */

function showLanes(story) {
  const heads = story.threads.map((thread, index) =>
    make("th", { scope: "col", class: colourOf(index) }, make("span", { class: "name" }, thread.name)));
  const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "step"), ...heads));
  const body = make("tbody", {}, ...story.rows.map((row) => (row.row === "step" ? stepRow(row) : asideRow(row))));
  const caption = make("caption", {}, "The steps from top to bottom, a column for each thread");
  const table = make("table", {}, caption, head, body);
  table.style.setProperty("--lanes", story.threads.length);
  const arrows = draw("svg", { id: "arrows", role: "img", "aria-label": "What each thread learns of the others" });
  at("canvas").replaceChildren(table, arrows);
  showLegend(story);
  drawArrows();
}

function stepRow(step) {
  const index = view.told.steps.indexOf(step);
  const button = make("button", { type: "button" }, step.marked ? `► ${step.number}` : `${step.number}`);
  button.setAttribute("aria-label", `Step ${step.number}${step.marked ? ", the verdict is about it" : ""}`);
  const lanes = view.story.threads.map((_, thread) =>
    thread === step.thread ? stepCell(step) : make("td", { class: laneClass(thread, index) }));
  const kind = step.marked ? "step marked" : "step";
  const row = make("tr", { class: kind, "data-index": index }, make("th", { scope: "row" }, button), ...lanes);
  row.addEventListener("click", () => go(index));
  return row;
}

function stepCell(step) {
  const parts = [make("code", {}, ...brokenAt(SEAM, wordsOf(step)))];
  if (step.missed != null) parts.push(make("span", { class: "old" }, "⚠ old value"));
  if (step.at) {
    const place = brokenAt(/(?<=\/)/, `${shortName(step.at.file)}:${step.at.line}`);
    parts.push(make("span", { class: "place", title: step.at.file }, ...place));
  }
  const dot = make("span", { class: "dot", "data-step": step.number });
  const lane = laneClass(step.thread, view.told.steps.indexOf(step));
  return make("td", { class: lane }, dot, make("div", { class: "card" }, ...parts));
}

// A lane has a line from where its thread is started to the last thing that it does.
function laneClass(thread, index) {
  const { steps, startedBy } = view.told;
  const number = steps[index].number;
  const own = steps.filter((step) => step.thread === thread).map((step) => step.number);
  const [from, to] = [startedBy.get(thread) ?? own[0], own.at(-1)];
  const alive = number >= from && number <= to;
  const end = number === from ? " starts" : number === to ? " stops" : "";
  return `${colourOf(thread)}${alive ? ` alive${end}` : ""}`;
}

function asideRow(row) {
  const often = (times) => (times === 1 ? "once" : `${times} times`);
  const said = {
    again: () => `↻ the same again from step ${row.from} on, ${often(row.times)} more, up to step ${row.to}`,
    left_out: () => `… ${row.why}`,
    interrupted: () => `╌╌ ${nameOf(row.thread)} is interrupted here; it could have gone on ╌╌`,
  };
  const colour = row.row === "interrupted" ? ` ${colourOf(row.thread)}` : "";
  const cell = make("td", { colspan: view.story.threads.length }, said[row.row]());
  return make("tr", { class: `aside ${row.row}${colour}` }, make("td"), cell);
}

function showLegend(story) {
  const signs = [
    [view.told.steps.some((step) => step.marked), "► a step that the verdict is about"],
    [view.told.steps.some((step) => step.missed != null), "⚠ the thread read an old value, although there was a newer one"],
    [story.rows.some((row) => row.row === "interrupted"), "╌╌ another thread gets its turn here"],
    [story.arrows.length > 0, "→ what was done before the arrow's start is known after its end"],
  ];
  at("legend").replaceChildren(...signs.filter(([used]) => used).map(([, text]) => make("li", {}, text)));
}

// Arrows run between the rows and beside the lanes, so that they hide no text.
function drawArrows() {
  const svg = at("arrows");
  if (!svg) return; // a story without steps
  const canvas = at("canvas").getBoundingClientRect();
  const dots = new Map([...at("canvas").querySelectorAll(".dot")].map((dot) => [Number(dot.dataset.step), dot]));
  const place = (dot) => {
    const box = dot.getBoundingClientRect();
    const bottom = dot.closest("tr").getBoundingClientRect().bottom - canvas.top;
    return { x: box.left + box.width / 2 - canvas.left, y: box.top + box.height / 2 - canvas.top, r: box.width / 2, bottom };
  };
  svg.replaceChildren(arrowHead("learn-head"));
  for (const arrow of view.story.arrows) {
    if (!dots.has(arrow.from) || !dots.has(arrow.to)) continue;
    const { from, to } = threadsOf(arrow);
    const d = route(place(dots.get(arrow.from)), place(dots.get(arrow.to)));
    const line = draw("path", { d, "marker-end": "url(#learn-head)" });
    const reach = draw("path", { d, class: "reach" }); // wide and unseen, for a pointer to rest on
    const ends = { class: "arrow", "data-from": arrow.from, "data-to": arrow.to };
    svg.append(draw("g", ends, draw("title", {}, learned(arrow, to, from)), reach, line));
  }
  showCurrentArrows();
}

function route(from, to) {
  const gutter = to.x - to.r * 2.2;
  const side = Math.sign(gutter - from.x) * 6;
  return `M${from.x} ${from.y + from.r} V${from.bottom - 6} Q${from.x} ${from.bottom} ${from.x + side} ${from.bottom}`
    + ` H${gutter - side} Q${gutter} ${from.bottom} ${gutter} ${Math.min(from.bottom + 6, to.y)} V${to.y - 4}`
    + ` Q${gutter} ${to.y} ${gutter + 4} ${to.y} H${to.x - to.r}`;
}

function showCurrentArrows() {
  const number = String(view.told.steps[view.step]?.number);
  for (const arrow of document.querySelectorAll("#arrows .arrow")) {
    arrow.classList.toggle("current", arrow.dataset.to === number || arrow.dataset.from === number);
  }
}

/* ---- The source ---- */

function showFile(file) {
  if (view.file !== file) {
    view.file = file;
    view.lines = (view.story.sources[file] ?? "").replace(/\n$/, "").split("\n").map(sourceLine);
    at("code").replaceChildren(make("div", { class: "lines" }, ...view.lines));
    at("code").scrollTop = 0;
  }
  showTabs();
  showWhere();
}

function sourceLine(text, index) {
  const number = make("span", { class: "number" }, `${index + 1}`);
  return make("div", { class: "line" }, number, make("code", {}, ...coloured(text)), make("span", { class: "here" }));
}

const KEYWORDS = "as async await break const continue else enum extern fn for if impl in let loop match mod move mut pub ref "
  + "return self Self static struct trait type unsafe use where while";
const RUST = new RegExp(`(//.*$)|("(?:\\\\.|[^"\\\\])*")|\\b(${KEYWORDS.replaceAll(" ", "|")})\\b`);

// A line in a few colours: comments, strings and keywords.
function coloured(text) {
  const found = RUST.exec(text);
  if (!found) return [text];
  const kind = found[1] ? "comment" : found[2] ? "string" : "keyword";
  const rest = text.slice(found.index + found[0].length);
  return [text.slice(0, found.index), make("span", { class: kind }, found[0]), ...coloured(rest)];
}

function showTabs() {
  const { places } = view.told.states[view.step] ?? { places: new Map() };
  const tabs = Object.keys(view.story.sources).map((file) => {
    const chosen = file === view.file;
    const here = [...places].filter(([, spot]) => spot.file === file).map(([thread]) => badge(thread));
    const state = { "aria-selected": chosen, "aria-controls": "code", tabindex: chosen ? 0 : -1 };
    const tab = make("button", { type: "button", role: "tab", title: file, ...state }, shortName(file), ...here);
    tab.addEventListener("click", () => choose(file));
    return tab;
  });
  at("tabs").replaceChildren(...tabs);
}

function choose(file) {
  const hadFocus = at("tabs").contains(document.activeElement);
  showFile(file);
  if (hadFocus) at("tabs").querySelector("[aria-selected=true]").focus();
  scrollWithin(at("code"), at("code").querySelector(".at"), 0);
}

const badge = (thread, current = false) =>
  make("span", { class: `badge ${colourOf(thread)}` }, `${current ? "▸ " : ""}${nameOf(thread)}`);

// Each thread's name stands at the line of the last thing that it did.
function showWhere() {
  for (const line of at("code").querySelectorAll(".at")) {
    line.className = "line";
    line.lastChild.replaceChildren();
  }
  const mover = view.told.steps[view.step]?.thread;
  for (const [thread, spot] of view.told.states[view.step]?.places ?? []) {
    const line = spot.file === view.file && view.lines[spot.line - 1];
    if (!line) continue;
    const current = thread === mover;
    line.classList.add("at");
    if (current || !line.classList.contains("current")) line.classList.add(colourOf(thread));
    if (current) line.classList.add("current");
    line.lastChild.append(badge(thread, current));
  }
}

/* ---- The current step ---- */

function go(index) {
  const { steps, last } = view.told;
  if (steps.length === 0) return;
  view.step = Math.max(0, Math.min(steps.length - 1, index));
  const step = steps[view.step];
  const words = `Step ${step.number} of ${last}, ${nameOf(step.thread)}: ${wordsOf(step)}`;
  at("live").textContent = words;
  at("slider").value = view.step;
  at("slider").setAttribute("aria-valuetext", `Step ${step.number}, ${nameOf(step.thread)}`);
  at("first").disabled = at("back").disabled = view.step === 0;
  at("last").disabled = at("forward").disabled = view.step === steps.length - 1;
  showCurrentRow();
  showCurrentArrows();
  showFile(step.at?.file ?? view.file ?? Object.keys(view.story.sources)[0]);
  scrollWithin(at("code"), at("code").querySelector(".current"), 0);
  showNotes(step);
  showThings();
}

function showCurrentRow() {
  at("canvas").querySelector("[aria-current]")?.removeAttribute("aria-current");
  const row = at("canvas").querySelector(`[data-index="${view.step}"]`);
  row.setAttribute("aria-current", "step");
  scrollWithin(at("lanes"), row, at("canvas").querySelector("thead").offsetHeight);
  // Sideways too, where not all lanes fit.
  const [pane, card] = [at("lanes").getBoundingClientRect(), row.querySelector(".card").getBoundingClientRect()];
  const numbers = row.firstChild.offsetWidth;
  if (card.right > pane.right) at("lanes").scrollLeft += card.right - pane.right + 8;
  else if (card.left < pane.left + numbers) at("lanes").scrollLeft += card.left - pane.left - numbers - 32;
}

// In sentences: what the signs and arrows of this step say.
function showNotes(step) {
  at("now-title").textContent = `Step ${step.number}: ${nameOf(step.thread)}`;
  at("now-title").className = colourOf(step.thread);
  const notes = [];
  if (step.marked) notes.push("► The verdict is about this step.");
  if (step.missed != null) {
    const newer = `step ${step.missed} had stored a newer one`;
    notes.push(`⚠ It read an old value: ${newer}, but nothing had told ${nameOf(step.thread)} so.`);
  }
  for (const arrow of view.story.arrows) {
    const { from, to } = threadsOf(arrow);
    if (arrow.to === step.number) notes.push(`→ ${learned(arrow, to, from)}.`);
    if (arrow.from !== step.number) continue;
    notes.push(`What ${nameOf(from)} did so far, ${nameOf(to)} will know in step ${arrow.to} (${arrow.by}).`);
  }
  for (const [thing, value] of step.now.slice(0, 3)) notes.push(`\`${view.story.things[thing].name}\` now: ${value}.`);
  const lonely = "In these steps, no thread learns anything of another one.";
  const none = view.story.arrows.length > 0 ? "No arrow begins or ends here." : lonely;
  if (notes.length === 0) notes.push(none);
  at("notes").replaceChildren(...notes.map((note) => make("li", {}, ...sentence(note))));
}

function showThings() {
  const { steps, states } = view.told;
  const [step, state] = [steps[view.step], states[view.step]];
  const told = (thing) => states.at(-1).now.has(thing) || states.at(-1).visible.has(thing);
  const changed = new Set(step.now.map(([thing]) => thing));
  const rows = [];
  const others = [];
  view.story.things.forEach((thing, index) => {
    if (told(index)) rows.push(thingRow(thing, index, state, changed.has(index), step.thing === index));
    else if (thing.kind !== "end of a thread") others.push(thing.name);
  });
  at("thing-rows").replaceChildren(...rows);
  at("could").hidden = states.at(-1).visible.size === 0;
  at("also").textContent = others.length > 0 ? `Also shared, without a value to show: ${others.join(", ")}.` : "";
  at("things").hidden = rows.length === 0 && others.length === 0;
}

// What is known of a thing that no step so far has changed: it may have been looked at.
const UNTOLD = { cell: "not written so far", Condvar: "nobody has waited so far" };

function thingRow(thing, index, state, changed, used) {
  const value = make("td", {}, make("code", {}, state.now.get(index) ?? UNTOLD[thing.kind] ?? "not used so far"));
  if (changed) value.append(" ", make("span", { class: "changed" }, "● changed"));
  const could = make("td", {}, ...couldRead(state.visible.get(index)));
  could.hidden = view.told.states.at(-1).visible.size === 0;
  const name = make("th", { scope: "row" }, make("code", {}, thing.name));
  return make("tr", used ? { class: "used" } : {}, name, make("td", {}, thing.kind), value, could);
}

// The values that each thread could still get from an atomic: the last is the newest, and all others are called old.
function couldRead(visible) {
  if (!visible) return [];
  const number = view.told.steps[view.step].number;
  const { startedBy, endsAt } = view.told;
  const runs = ({ thread }) => !(startedBy.get(thread) > number) && !(endsAt.get(thread) <= number);
  const running = visible.map((values, thread) => ({ values, thread })).filter(runs);
  if (running.every(({ values }) => values.length === 1)) return ["only the newest"];
  const items = running.map(({ values, thread }) => {
    const old = values.length > 1 ? [" ", make("span", { class: "old" }, `or old: ${values.slice(0, -1).join(", ")}`)] : [];
    return make("li", {}, badge(thread), " ", make("code", {}, values.at(-1)), ...old);
  });
  return [make("ul", {}, ...items)];
}

/* ---- The whole page ---- */

function show(story) {
  Object.assign(view, { story, told: workOut(story), step: 0, file: null, lines: [] });
  showVerdict(story);
  showEnd(story);
  at("picture").hidden = view.told.steps.length === 0;
  if (view.told.steps.length === 0) return at("canvas").replaceChildren();
  at("slider").max = view.told.steps.length - 1;
  at("next-marked").hidden = !view.told.steps.some((step) => step.marked);
  at("show-arrows").parentElement.hidden = story.arrows.length === 0;
  showLanes(story);
  go(0);
}

function nextMarked() {
  const { steps } = view.told;
  const after = steps.findIndex((step, index) => index > view.step && step.marked);
  go(after >= 0 ? after : steps.findIndex((step) => step.marked));
}

const MOVES = {
  ArrowLeft: () => view.step - 1, k: () => view.step - 1, ArrowRight: () => view.step + 1, j: () => view.step + 1,
  Home: () => 0, End: () => view.told.steps.length - 1,
};

function onKey(event) {
  const { target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || !MOVES[event.key] || target.matches("select")) return;
  if (target.matches("[role=tab]") && event.key.startsWith("Arrow")) return changeTab(event);
  // A pane that is wider than its frame keeps the arrows: nothing else scrolls it sideways.
  if (target.matches("[tabindex='0']") && target.scrollWidth > target.clientWidth && event.key.startsWith("Arrow")) return;
  event.preventDefault();
  go(MOVES[event.key]());
}

function changeTab(event) {
  const files = Object.keys(view.story.sources);
  const by = event.key === "ArrowRight" ? 1 : -1;
  choose(files[(files.indexOf(view.file) + by + files.length) % files.length]);
  event.preventDefault();
}

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function setUp() {
  const on = (id, event, act) => at(id).addEventListener(event, act);
  on("first", "click", () => go(0));
  on("back", "click", () => go(view.step - 1));
  on("forward", "click", () => go(view.step + 1));
  on("last", "click", () => go(Infinity));
  on("next-marked", "click", nextMarked);
  on("slider", "input", () => go(Number(at("slider").value)));
  on("show-arrows", "change", () => at("canvas").classList.toggle("no-arrows", !at("show-arrows").checked));
  on("dark", "click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    at("dark").setAttribute("aria-pressed", isDark());
  });
  on("projector", "click", () => {
    at("projector").setAttribute("aria-pressed", document.documentElement.classList.toggle("projector"));
  });
  document.addEventListener("keydown", onKey);
  new ResizeObserver(drawArrows).observe(at("canvas"));
  at("dark").setAttribute("aria-pressed", isDark());
  setUpChooser();
}

function setUpChooser() {
  const options = stories.map(({ test, verdict }, index) => {
    const sign = verdict.kind === "passed" ? "✓" : "✗";
    return make("option", { value: index }, `${sign} ${test ?? `story ${index + 1}`} — ${verdict.kind}`);
  });
  at("chooser").append(...options);
  at("choice").hidden = stories.length < 2;
  at("chooser").addEventListener("change", () => show(stories[at("chooser").value]));
  // What went wrong comes first.
  const first = Math.max(0, stories.findIndex((story) => story.verdict.kind !== "passed"));
  at("chooser").value = first;
  if (stories.length > 0) show(stories[first]);
}

setUp();
