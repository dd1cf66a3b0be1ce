// Opens the pages of a few stories in a browser, as a learner would, and steps through them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "page_test."));
const stories = ["data_race", "deadlock", "old_value", "passed"];
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

let browser;
let page;
let opened;
let requests;
let complaints;

// The page is built by the same program that a learner's command would use.
function build(name, files) {
  const cargo = ["run", "-q", "-p", "interleaving", "--example", "page", "--", ...files];
  const html = execFileSync("cargo", cargo, { cwd: join(here, "../.."), maxBuffer: 2 ** 28 });
  writeFileSync(join(folder, `${name}.html`), html);
}

const storyFile = (name) => join(here, "stories", `${name}.json`);
const readStory = (name) => JSON.parse(readFileSync(storyFile(name), "utf8"));

// A story that is like another one, but for what `change` does.
function buildLike(original, name, change) {
  const story = readStory(original);
  change(story);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(story));
  build(name, [join(folder, `${name}.json`)]);
}

// A source that would end its element, were it not escaped, and text that would become markup.
function buildNasty() {
  const nasty = "</script><script>document.title = 'broken out'</script><!-- <img src=x onerror=\"document.title='run'\">";
  buildLike("data_race", "nasty", (story) => {
    for (const file of Object.keys(story.sources)) story.sources[file] = `${nasty}\n${story.sources[file]}`;
    story.verdict.headline = story.verdict.reasons[0] = story.threads[1].name = story.things[0].name = nasty;
    story.rows[0].text = nasty;
  });
  return nasty;
}

async function open(name, options = {}) {
  await page?.context().close();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  page = await context.newPage();
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  opened.push(pathToFileURL(join(folder, `${name}.html`)).href);
  await page.goto(opened.at(-1));
}

const live = () => page.locator("#live").innerText();
const currentRows = () => page.locator("[aria-current=step] th").allInnerTexts();
const rowOf = (thing) => page.locator("#thing-rows tr", { has: page.getByText(thing, { exact: true }) });
const value = (thing) => rowOf(thing).locator("td").nth(1).innerText();
const click = (name) => page.getByRole("button", { name }).click();
const goTo = (step) => page.locator(`tr:has([data-step="${step}"]) .card`).click();
// The lines where threads stand, as "line: names".
const standing = () => page.locator("#code .line.at").evaluateAll((lines) => lines.map(({ children: [number, , names] }) =>
  `${number.textContent}: ${[...names.children].map((name) => name.textContent).join(", ")}`));
const isWithin = (inner, outer) => page.evaluate(([inner, outer]) => {
  const [a, b] = [inner, outer].map((selector) => document.querySelector(selector).getBoundingClientRect());
  return a.top >= b.top - 1 && a.bottom <= b.bottom + 1 && a.left >= b.left - 1 && a.left < b.right;
}, [inner, outer]);

before(async () => {
  for (const name of stories) build(name, [storyFile(name)]);
  build("several", ["passed", "data_race", "deadlock"].map(storyFile));
  // A new folder for its profile is what `launch` makes by itself.
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  opened = [];
  requests = [];
  complaints = [];
});

// Whatever a test does: the page asks for nothing but itself, and the browser finds no fault with it.
afterEach(() => {
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, opened);
});

describe("what it says", () => {
  test("the verdict first, then the picture, how it was found, and what to do next", async () => {
    await open("data_race");
    const { verdict, found } = readStory("data_race");
    const order = await page.locator("main > section").evaluateAll((sections) => sections.map((section) => section.id));
    assert.deepEqual(order, ["verdict", "picture", "found", "next"]);
    const said = (await page.locator("#verdict").innerText()).replace(/\s+/g, " ");
    for (const text of [verdict.headline, ...verdict.lines, ...verdict.reasons]) {
      assert.ok(said.includes(text.trim().replaceAll("`", "").replace(/\s+/g, " ")), `${text}\nin\n${said}`);
    }
    assert.equal(await page.locator("#found-text").innerText(), found);
    assert.match(await page.locator("#next").innerText(), /hints\/spinlock\.md/);
    assert.ok(!(await page.getByLabel("Test").isVisible()), "there is nothing to choose");
  });

  test("a step that is named leads there", async () => {
    await open("data_race");
    await page.locator("#because").getByRole("button", { name: "step 13" }).click();
    assert.match(await live(), /^Step 13 of 21, thread 2: guard\.get\(\)/);
    await page.locator("#because").getByRole("button", { name: "loom.rs:34:11" }).click();
    assert.equal(await page.locator("[role=tab][aria-selected=true]").getAttribute("title"), "katas/spinlock/tests/loom.rs");
    assert.ok(await isWithin("#code .line:nth-child(34)", "#code"));
  });

  test("every row is in the table, in its thread's column", async () => {
    for (const name of stories) {
      await open(name);
      const { rows, threads } = readStory(name);
      assert.deepEqual(await page.locator("#canvas thead th").allInnerTexts(), ["step", ...threads.map((thread) => thread.name)]);
      const shown = await page.locator("#canvas tbody tr").evaluateAll((rows) => rows.map((row) => ({
        kind: row.classList[row.classList.contains("aside") ? 1 : 0],
        number: row.querySelector("th")?.textContent ?? "",
        lane: [...row.cells].findIndex((cell) => cell.querySelector(".card")) - 1,
        spans: row.cells[1].colSpan,
      })));
      assert.deepEqual(shown, rows.map((row) => (row.row === "step"
        ? { kind: "step", number: `${row.marked ? "► " : ""}${row.number}`, lane: row.thread, spans: 1 }
        : { kind: row.row, number: "", lane: -2, spans: threads.length })), name);
    }
  });

  test("the steps that the verdict is about have a border", async () => {
    await open("deadlock");
    const framed = (cards) => cards.filter((card) => getComputedStyle(card).borderTopColor !== "rgba(0, 0, 0, 0)")
      .map((card) => Number(card.closest("td").querySelector(".dot").dataset.step));
    assert.deepEqual(await page.locator(".card").evaluateAll(framed), readStory("deadlock").verdict.steps);
  });

  test("no text of a learner becomes markup", async () => {
    const nasty = buildNasty();
    await open("nasty");
    assert.equal(await page.title(), "What the checker found");
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await page.locator("#headline").textContent(), nasty);
    assert.equal(await page.locator("#code .line code").first().textContent(), nasty);
    assert.equal(await page.locator("#canvas .card code").first().textContent(), nasty);
  });
});

describe("stepping through", () => {
  test("by buttons", async () => {
    await open("data_race");
    assert.equal(await live(), "Step 1 of 21, main: starts thread 1");
    assert.ok(await page.locator("#back").isDisabled());
    await click("Forward");
    await click("Forward");
    await click("Forward");
    await click("Back");
    assert.equal(await live(), "Step 3 of 21, main: starts thread 2");
    await click("To the last step");
    assert.equal(await live(), "Step 21 of 21, thread 1: guard.set(value + 1) (takes the cell to write)");
    assert.ok(await page.locator("#forward").isDisabled());
    await click("To the first step");
    assert.match(await live(), /^Step 1 of 21/);
    await click("To the next ►");
    assert.match(await live(), /^Step 13 of 21/);
    await click("To the next ►");
    assert.match(await live(), /^Step 21 of 21/);
  });

  test("by keys", async () => {
    await open("data_race");
    const reached = [];
    for (const key of ["ArrowRight", "j", "ArrowLeft", "k", "ArrowLeft", "End", "k", "Home"]) {
      await page.keyboard.press(key);
      reached.push(Number(/^Step (\d+)/.exec(await live())[1]));
    }
    assert.deepEqual(reached, [2, 3, 2, 1, 1, 21, 20, 1]);
  });

  test("by the slider", async () => {
    await open("data_race");
    await page.locator("#slider").focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await live(), /^Step 2 of 21/, "one press is one step");
    await page.keyboard.press("j");
    assert.match(await live(), /^Step 3 of 21/, "letters work here as well");
    await page.locator("#slider").fill("8");
    assert.match(await live(), /^Step 13 of 21/);
    assert.equal(await page.locator("#slider").getAttribute("aria-valuetext"), "Step 13, thread 2");
    await page.locator("#slider").press("End");
    assert.match(await live(), /^Step 21 of 21/);
  });

  test("by a click on a row, or by its number without a mouse", async () => {
    await open("data_race");
    await goTo(5);
    assert.match(await live(), /^Step 5 of 21/);
    assert.equal(await page.locator("#slider").inputValue(), "4");
    await page.getByRole("button", { name: "Step 4", exact: true }).press("Enter");
    assert.match(await live(), /^Step 4 of 21/);
  });

  test("one row is the current one, and it is in sight", async () => {
    for (const viewport of [{ width: 1280, height: 900 }, { width: 360, height: 740 }]) {
      await open("deadlock", { viewport });
      for (const key of ["End", "k", "k", "Home", "j"]) {
        await page.keyboard.press(key);
        const number = /^Step (\d+)/.exec(await live())[1];
        assert.deepEqual(await currentRows(), [Number(number) > 72 ? `► ${number}` : number]);
        assert.ok(await isWithin("[aria-current] .card", "#lanes"), `${viewport.width} wide, after ${key}`);
        assert.ok(await isWithin("#code .current", "#code"), `the source, ${viewport.width} wide, after ${key}`);
      }
      assert.equal(await page.evaluate(() => scrollY), 0, "the page itself stays where it is");
    }
  });

  test("the source shows where each thread is", async () => {
    await open("data_race");
    await goTo(17);
    assert.equal(await page.locator("[role=tab][aria-selected=true]").getAttribute("title"), "katas/spinlock/src/lib.rs");
    assert.deepEqual(await standing(), ["41: ▸ thread 1"]);
    await page.getByRole("tab", { name: "tests/loom.rs" }).click();
    assert.deepEqual(await standing(), ["181: thread 2", "185: main"]);
    await page.getByRole("tab", { name: "tests/loom.rs" }).press("ArrowLeft");
    assert.deepEqual(await standing(), ["41: ▸ thread 1"]);
    await goTo(4);
    assert.deepEqual(await standing(), ["68: ▸ main"], "threads that have done nothing yet stand nowhere");
  });

  test("the source is the whole file", async () => {
    await open("deadlock");
    const text = readStory("deadlock").sources["katas/pipeline/src/lib.rs"];
    const lines = await page.locator("#code .line > code").allTextContents();
    assert.equal(`${lines.join("\n")}\n`, text);
  });

  test("things have the value of the step, forward and back", async () => {
    await open("data_race");
    assert.equal(await value("locked"), "not used so far");
    await goTo(2);
    assert.equal(await value("locked"), "true ● changed");
    await goTo(15);
    assert.equal(await value("locked"), "false ● changed");
    await goTo(16);
    assert.equal(await value("locked"), "false");
    await goTo(21);
    assert.equal(await value("guard"), "last written by thread 1 ● changed");
    await goTo(5);
    assert.equal(await value("guard"), "not written so far", "it was read");
    await goTo(14);
    assert.equal(await value("locked"), "true");
    assert.equal(await value("guard"), "not written so far");
  });

  test("an old value that a thread could read is called old", async () => {
    await open("old_value");
    await goTo(4);
    const could = page.locator("#thing-rows tr").first().locator("td").nth(2);
    assert.deepEqual(await could.locator("li").allInnerTexts(), ["main 1", "thread 1 1 or old: 0", "thread 2 1 or old: 0"]);
    await goTo(7);
    assert.deepEqual(await could.locator("li").allInnerTexts(), ["main 1", "thread 1 1", "thread 2 1 or old: 0"]);
    await goTo(12);
    assert.equal(await could.innerText(), "only the newest");
    assert.deepEqual(await page.locator(".card:has(.old) code").allInnerTexts(), readStory("old_value").rows
      .filter((row) => row.missed !== null).map((row) => row.text));
    await goTo(11);
    assert.match(await page.locator("#notes").innerText(), /old value: step 7 had stored a newer one/);
  });

  test("arrows say what was learned, and can be hidden", async () => {
    await open("old_value");
    const titles = await page.locator("#arrows title").allTextContents();
    assert.deepEqual(titles, [
      "thread 1 now knows all that main did up to step 1 (start)",
      "thread 2 now knows all that main did up to step 2 (start)",
      "main now knows all that thread 1 did up to step 8 (join)",
      "main now knows all that thread 2 did up to step 13 (join)",
    ]);
    await goTo(9);
    assert.ok((await page.locator("#notes").innerText()).includes(titles[2]));
    assert.deepEqual(await page.locator(".arrow.current").evaluateAll((all) => all.map((arrow) => arrow.dataset.to)), ["9"]);
    // It ends at the dot of its step, in the lane of its thread.
    const off = await page.evaluate(() => {
      const path = document.querySelector('.arrow[data-to="9"] path:last-child');
      const end = path.getPointAtLength(path.getTotalLength()).matrixTransform(path.getScreenCTM());
      const dot = document.querySelector('[data-step="9"]').getBoundingClientRect();
      return Math.hypot(end.x - dot.left, end.y - (dot.top + dot.height / 2));
    });
    assert.ok(off < 3, `${off} pixels beside it`);
    await page.getByLabel("show what each thread learns of the others").uncheck();
    assert.ok(!(await page.locator("#arrows").isVisible()));
  });
});

describe("other verdicts", () => {
  test("who waits for whom, as a picture and as a list", async () => {
    await open("deadlock");
    assert.deepEqual(await page.locator("#graph .node").allTextContents(), ["main", "thread 1", "thread 2"]);
    assert.deepEqual(await page.locator("#graph .edge.circle").allTextContents(), ["washed.state", "dried.state"]);
    assert.deepEqual(await page.locator("#graph .edge:not(.circle)").allTextContents(), ["washed.state"]);
    const list = await page.locator("#waits-list li").allTextContents();
    assert.equal(list.length, 3);
    assert.match(list[0], /^main waits for a Mutex that thread 2 holds .*\(part of the circle\)$/);
    assert.ok(!list[1].includes("circle"));
  });

  test("one who waits for nobody in particular points at the thing", async () => {
    const notification = { on: null, why: "waits for a notification", thing: "bell" };
    buildLike("deadlock", "notified", (story) => Object.assign(story.verdict.waits[1], notification));
    await open("notified");
    assert.deepEqual(await page.locator("#graph .node").allTextContents(), ["main", "thread 1", "bell", "thread 2"]);
    assert.equal(await page.locator("#graph .edge.circle").count(), 2);
  });

  test("a verdict without steps stands alone", async () => {
    buildLike("deadlock", "empty", (story) => Object.assign(story, { rows: [], arrows: [], sources: {}, things: [] }));
    await open("empty");
    assert.ok(await page.locator("#headline").isVisible());
    assert.ok(!(await page.locator("#picture").isVisible()));
    await page.keyboard.press("ArrowRight");
  });

  test("five threads have five lanes, on a narrow screen too", async () => {
    buildLike("deadlock", "five", (story) => {
      story.threads.push({ name: "thread 3", started_at: null }, { name: "a thread with a long name", started_at: null });
      story.rows.at(-1).thread = 4;
    });
    await open("five", { viewport: { width: 360, height: 740 } });
    await page.keyboard.press("End");
    assert.match(await live(), /^Step 76 of 76, a thread with a long name/);
    assert.ok(await isWithin("[aria-current] .card", "#lanes"));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  });

  test("a check that passed says what was gone through", async () => {
    await open("passed");
    assert.match(await page.locator("#kind").innerText(), /^✓ passed · try_lock_never_waits$/);
    assert.deepEqual(await page.locator("#covered li").allInnerTexts(), readStory("passed").covered);
    assert.match(await page.locator("tr.interrupted").first().innerText(), /thread 1 is interrupted/);
    assert.ok(!(await page.locator("#waits").isVisible()) && !(await page.locator("#next-marked").isVisible()));
  });

  test("of several tests, the one that failed comes first, and any can be chosen", async () => {
    await open("several");
    assert.match(await page.locator("#kind").innerText(), /data race/);
    assert.deepEqual(await page.getByLabel("Test").locator("option").allInnerTexts(), [
      "✓ try_lock_never_waits — passed",
      "✗ a_guard_can_be_read_by_two_threads — data race",
      "✗ a_consumer_that_leaves_does_not_care_about_a_panic — deadlock",
    ]);
    await page.keyboard.press("End");
    await page.getByLabel("Test").selectOption({ index: 2 });
    assert.equal(await live(), "Step 1 of 76, main: starts thread 1");
    assert.equal(await page.locator("#headline").innerText(), "Deadlock: nobody can move any more.");
    await page.getByLabel("Test").selectOption({ index: 0 });
    assert.ok(!(await page.locator("#waits").isVisible()));
    assert.ok(await page.locator("#covered").isVisible());
  });
});

// Of all texts in sight: those with too little contrast to what is behind them. 4.5 is what WCAG asks for at level AA.
const tooFaint = () => page.evaluate(() => {
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const layers = (node) => (node ? [...layers(node.parentElement), getComputedStyle(node).backgroundColor] : ["white"]);
  const painted = (colours) => {
    for (const colour of colours) {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
    }
    const light = [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
  };
  const faint = new Set();
  for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
    const node = walk.currentNode.parentElement;
    const text = walk.currentNode.data.trim();
    if (text === "" || !node.checkVisibility() || node.closest("svg, :disabled, .unseen")) continue;
    const [a, b] = [painted(layers(node)), painted([...layers(node), getComputedStyle(node).color])].sort((a, b) => a - b);
    const contrast = (b + 0.05) / (a + 0.05);
    if (contrast < 4.5) faint.add(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return [...faint];
});

describe("how it looks", () => {
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

  test("dark and light, by a button or as the system says", async () => {
    await open("data_race", { colorScheme: "light", reducedMotion: "reduce" });
    await goTo(13);
    const light = await paper();
    assert.deepEqual(await tooFaint(), []);
    const dark = page.getByRole("button", { name: "Dark" });
    assert.equal(await dark.getAttribute("aria-pressed"), "false");
    await dark.click();
    assert.equal(await dark.getAttribute("aria-pressed"), "true");
    assert.notEqual(await paper(), light);
    assert.deepEqual(await tooFaint(), []);
    const darkened = await paper();
    await dark.click();
    assert.equal(await paper(), light);
    await page.evaluate(() => delete document.documentElement.dataset.theme);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.equal(await paper(), darkened);
  });

  test("no text is faint in any story, light or dark", async () => {
    for (const name of ["deadlock", "old_value", "passed"]) {
      for (const colorScheme of ["light", "dark"]) {
        await open(name, { colorScheme, reducedMotion: "reduce" });
        await page.keyboard.press("End");
        assert.deepEqual(await tooFaint(), [], `${name}, ${colorScheme}`);
      }
    }
  });

  test("a projector makes all of it larger", async () => {
    await open("data_race");
    const sizes = () => page.evaluate(() => ["#live", "#code code", ".card code", "#headline", "button", "#things td"]
      .map((selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)));
    const before = await sizes();
    await click("Projector");
    assert.deepEqual((await sizes()).map((size, index) => Math.round((size / before[index]) * 10) / 10), before.map(() => 1.5));
    await click("Projector");
    assert.deepEqual(await sizes(), before);
  });

  test("on a narrow screen nothing sticks out", async () => {
    for (const name of [...stories, "several"]) {
      await open(name, { viewport: { width: 360, height: 740 } });
      for (const key of ["Home", "j", "End"]) {
        await page.keyboard.press(key);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, `${name}, ${key}`);
      }
      await click("Projector");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, `${name}, projected`);
    }
  });

  test("on paper there are all rows, and no controls", async () => {
    await open("deadlock", { colorScheme: "dark", viewport: { width: 800, height: 1000 } });
    await page.emulateMedia({ media: "print" });
    const cut = (pane) => [pane.scrollHeight - pane.clientHeight, getComputedStyle(pane).overflowY];
    assert.deepEqual(await page.locator("#lanes").evaluate(cut), [0, "visible"]);
    const inSight = (rows) => rows.map((row) => row.checkVisibility() && row.offsetHeight > 0);
    assert.deepEqual(await page.locator("#canvas tbody tr").evaluateAll(inSight), readStory("deadlock").rows.map(() => true));
    for (const id of ["#controls", "#dark", "#code", "#things"]) assert.ok(!(await page.locator(id).isVisible()), id);
    assert.equal(await paper(), "rgb(255, 255, 255)");
    assert.deepEqual(await tooFaint(), []);
  });

  test("where the keyboard is can be seen, and the first stop leads to the steps", async () => {
    await open("data_race");
    await page.keyboard.press("Tab");
    const stop = page.locator(":focus");
    assert.equal(await stop.innerText(), "Skip to the steps");
    assert.ok(await isWithin(":focus", "html"));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab"); // the first button is off at the first step
    assert.equal(await stop.getAttribute("id"), "slider");
    await page.keyboard.press("Tab");
    assert.equal(await stop.evaluate((node) => getComputedStyle(node).outlineStyle), "solid");
  });
});
