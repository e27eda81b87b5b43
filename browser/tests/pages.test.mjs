// What the inspector's pages must do in a real browser. Numbers are expected from closed forms, not from the pages.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./open.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

// Six significant digits without trailing zeros, as the library prints.
const six = (x) => String(Number(x.toPrecision(6)));
const [x, y] = [1.5, 0.8];
const z = x * y;
const h = { value: Math.log(z) + Math.exp(z), byLn: 1 / z, byExp: Math.exp(z) };
const slope = h.byLn + h.byExp;

// Runs a test on a page; whatever else it looks at, the page must have asked for itself alone and not complained.
const on = (what, name, options, body) =>
  test(what, { timeout: 60_000 }, async () => {
    const { page, url, seen, close } = await open(browser, name, options);
    try {
      await body(page, seen);
      assert.deepEqual(seen.requests, [url]);
      assert.deepEqual(seen.complaints, []);
      assert.deepEqual(seen.dialogs, []);
    } finally {
      await close();
    }
  });

const texts = (locator) => locator.evaluateAll((all) => all.map((one) => one.textContent.replace(/\s+/g, " ").trim()));
const box = (page, node) => page.locator(`#canvas .box[data-node="${node}"]`);
const lines = (page, node) => texts(box(page, node).locator("text"));

for (const name of ["tensors.html", "scalars.html"]) {
  on(`the graph has values, gradients, derivatives and messages: ${name}`, name, {}, async (page) => {
    assert.equal(await page.locator("#canvas .box").count(), 6);
    assert.deepEqual(await lines(page, 0), ["xinput", "value 1.5", `grad ${six(y * slope)}`]);
    assert.deepEqual(await lines(page, 1), ["yinput", "value 0.8", `grad ${six(x * slope)}`]);
    assert.deepEqual(await lines(page, 2), ["zmul", `value ${six(z)}`, `grad ${six(slope)}`]);
    assert.deepEqual(await lines(page, 5), ["hadd", `value ${six(h.value)}`, "grad 1 (seed)"]);
    const labels = await texts(page.locator("#canvas .label"));
    assert.equal(labels.length, 6);
    for (const label of [
      `∂ 1/z = ${six(h.byLn)}← ${six(h.byLn)}`,
      `∂ out = ${six(h.byExp)}← ${six(h.byExp)}`,
      `∂ y = 0.8← ${six(y * slope)}`,
      `∂ x = 1.5← ${six(x * slope)}`,
    ]) {
      assert.ok(labels.includes(label), `${label} in ${labels}`);
    }
  });
}

on("the page says its policy, and the policy holds", "tensors.html", {}, async (page, seen) => {
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  assert.equal(policy, "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:");
  const stopped = await page.evaluate(
    () =>
      new Promise((done) => {
        document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
        const image = new Image();
        image.src = "file:///elsewhere.png";
        setTimeout(() => done("nothing"), 2000);
      }),
  );
  assert.equal(stopped, "img-src");
  // What the test itself tried.
  assert.equal(seen.requests.pop(), "file:///elsewhere.png");
  assert.ok(seen.complaints.pop().includes("Content Security Policy"));
});

on("the player steps by keyboard, buttons and slider", "tensors.html", {}, async (page) => {
  const head = () => page.locator("#frame .head").textContent();
  const total = (place) => page.locator("#frame .total").nth(place).textContent();
  const now = () => page.locator("#canvas .box.now").getAttribute("data-node");
  assert.equal(await head(), "step 1 of 4: node 5 add h");
  assert.equal(await page.locator("#canvas .now").count(), 0);
  await page.keyboard.press("ArrowRight");
  assert.equal(await head(), "step 2 of 4: node 4 exp");
  assert.equal(await now(), "4");
  assert.equal(await total(0), `z.grad 0 + ${six(h.byExp)} = ${six(h.byExp)}`);
  await page.keyboard.press("ArrowRight");
  assert.equal(await head(), "step 3 of 4: node 3 ln");
  // The famous `+=`.
  assert.equal(await total(0), `z.grad ${six(h.byExp)} + ${six(h.byLn)} = ${six(slope)}`);
  const frame = (await page.locator("#frame").textContent()).replace(/\s+/g, " ");
  assert.ok(frame.includes("incoming 1") && frame.includes(`local 1/z = ${six(h.byLn)}`) && frame.includes("(2nd contribution)"), frame);
  assert.ok(frame.includes(`= ${six(h.byLn)}`) && frame.includes("1.2"), frame);
  assert.equal(await page.locator("#canvas .box.target").getAttribute("data-node"), "2");
  assert.equal(await page.locator("#canvas .flow").count(), 1);
  await page.locator("#back").click();
  assert.equal(await head(), "step 2 of 4: node 4 exp");
  await page.locator("#on").click();
  // Drag to the end.
  const slider = await page.locator("#step").boundingBox();
  await page.mouse.move(slider.x + slider.width * (2 / 3), slider.y + slider.height / 2);
  await page.mouse.down();
  await page.mouse.move(slider.x + slider.width - 1, slider.y + slider.height / 2, { steps: 5 });
  await page.mouse.up();
  assert.equal(await head(), "step 4 of 4: node 2 mul z");
  assert.equal(await total(0), `x.grad 0 + ${six(y * slope)} = ${six(y * slope)}`);
  assert.equal(await total(1), `y.grad 0 + ${six(x * slope)} = ${six(x * slope)}`);
  assert.equal(await page.locator("#step").getAttribute("aria-valuetext"), "step 4 of 4: node 2 mul z");
  await page.locator("#step").press("ArrowLeft");
  assert.equal(await head(), "step 3 of 4: node 3 ln");
});

on("paths are coloured, with their shares", "tensors.html", {}, async (page) => {
  const ways = await texts(page.locator("#ways .line"));
  const share = (part) => `${Number(((100 * part) / slope).toPrecision(3))} %`;
  assert.ok(ways[0].startsWith(`${share(h.byExp)} ${six(h.byExp * y)} = 1 * ${six(h.byExp)} * 0.8`), ways[0]);
  assert.ok(ways[1].startsWith(`${share(h.byLn)} ${six(h.byLn * y)} = 1 * ${six(h.byLn)} * 0.8`), ways[1]);
  assert.ok(ways[0].endsWith("add > exp > mul > x"), ways[0]);
  assert.equal(await page.locator("#ways .head").textContent(), `paths h -> x: 2, sum ${six(y * slope)} = grad`);
  // Three edges each; they run side by side from x to z.
  const coloured = (way) => page.locator(`#canvas .way[data-way="${way}"]`);
  assert.deepEqual([await coloured(0).count(), await coloured(1).count()], [3, 3]);
  const colours = await Promise.all([0, 1].map((way) => coloured(way).first().evaluate((path) => getComputedStyle(path).stroke)));
  assert.notEqual(colours[0], colours[1]);
  await page.locator("#ways input").first().uncheck();
  assert.deepEqual([await coloured(0).count(), await coloured(1).count()], [0, 3]);
  await page.locator("#ends").selectOption({ label: "h -> y" });
  assert.equal(await page.locator("#ways .head").textContent(), `paths h -> y: 2, sum ${six(x * slope)} = grad`);
});

on("the table is searched, sorted and filtered, and leads to nodes", "tensors.html", {}, async (page) => {
  const ids = () => texts(page.locator("#rows tbody td:first-child"));
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("exp");
  assert.deepEqual(await ids(), ["4"]);
  assert.equal(await page.locator("#count").textContent(), "1 rows");
  // Arrows belong to the text here.
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.locator("#frame .head").textContent(), "step 1 of 4: node 5 add h");
  await page.keyboard.press("Escape");
  assert.deepEqual(await ids(), ["0", "1", "2", "3", "4", "5"]);
  await page.getByRole("button", { name: "value", exact: true }).click();
  assert.deepEqual(await ids(), ["3", "1", "2", "0", "4", "5"]);
  await page.getByRole("button", { name: "value", exact: true }).click();
  assert.deepEqual(await ids(), ["5", "4", "0", "2", "1", "3"]);
  assert.equal(await page.locator('#rows th[aria-sort="descending"]').textContent(), "value");
  await page.locator("#kind").selectOption("leaf");
  assert.deepEqual(await ids(), ["0", "1"]);
  await page.getByRole("button", { name: "Show node 1" }).first().click();
  assert.equal(await page.locator("#node-title").textContent(), "Node 1: y input");
  assert.equal(await page.locator("#canvas .box.picked").getAttribute("data-node"), "1");
  const about = await page.locator("#about").textContent();
  assert.ok(about.includes("recordings.rs:"), about);
  await box(page, 3).press("Enter");
  assert.ok((await page.locator("#about").textContent()).includes("ln(z)"));
});

on("modules fold and open by click and by keyboard", "net.html", {}, async (page) => {
  const boxes = () => page.locator("#canvas .box").count();
  const folded = () => page.locator("#canvas .box.folded").count();
  assert.deepEqual([await boxes(), await folded()], [12, 0]);
  await page.getByRole("button", { name: "Linear 0, open: fold it" }).click();
  assert.deepEqual([await boxes(), await folded()], [10, 1]);
  const face = await texts(page.locator("#canvas .box.folded text"));
  assert.deepEqual(face.slice(0, 2), ["Linear 0folded", "3 nodes, 1 ops"]);
  // The focus stays, so that the same key opens it again.
  await page.keyboard.press("Enter");
  assert.deepEqual([await boxes(), await folded()], [12, 0]);
  await page.keyboard.press(" ");
  assert.deepEqual([await boxes(), await folded()], [10, 1]);
  await page.locator("#fold").click();
  assert.deepEqual([await boxes(), await folded()], [2, 1]);
  assert.ok((await page.locator("#said").textContent()).startsWith("12 nodes in 2 boxes"));
  // The player points to the module that a node is folded into.
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#canvas .box.now").count(), 1);
  assert.ok((await page.locator("#canvas .box.now").textContent()).includes("Sequential"));
  await page.locator("#unfold").click();
  assert.deepEqual([await boxes(), await folded()], [12, 0]);
});

on("no box covers another, whatever is folded", "net.html", {}, async (page) => {
  for (const fold of [[], ["Linear 0"], ["Tanh", "Linear 2"], ["Sequential"]]) {
    await page.locator("#unfold").click();
    for (const name of fold) await page.getByRole("button", { name: `${name}, open: fold it` }).click();
    const areas = await page.locator("#canvas .box > rect, #canvas .label > rect").evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect()).map(({ left, right, top, bottom }) => ({ left, right, top, bottom })));
    areas.forEach((a, i) => areas.slice(i + 1).forEach((b) =>
      assert.ok(a.right <= b.left + 0.5 || b.right <= a.left + 0.5 || a.bottom <= b.top + 0.5 || b.bottom <= a.top + 0.5, JSON.stringify([fold, a, b]))));
    // Every text stays within its box.
    const out = await page.locator("#canvas .box").evaluateAll((all) => all.filter((one) => {
      const area = one.querySelector("rect").getBoundingClientRect();
      return [...one.querySelectorAll("text")].some((text) => text.getBoundingClientRect().right > area.right + 0.5);
    }).map((one) => one.textContent));
    assert.deepEqual(out, []);
  }
});

on("a number that is not finite is on top, with its cause and the fix", "nan.html", {}, async (page) => {
  const report = page.locator("#nonfinite");
  const text = await report.textContent();
  assert.ok(text.includes("produced NaN at [0]: sqrt(-1)") && text.includes("cause: masked branch"), text);
  assert.ok(text.includes("fix: sqrt(where(x > 0, x, 1)) inside"), text);
  assert.ok((await report.boundingBox()).y < (await page.locator("#graph").boundingBox()).y);
  await report.getByRole("button", { name: "Show node 2" }).click();
  assert.equal(await page.locator("#canvas .box.picked").getAttribute("data-node"), "2");
  // The condition sends an exact zero.
  assert.equal(await page.locator("#canvas .wire.zero").count(), 2);
});

on("parameters without a gradient, and why", "lost.html", {}, async (page) => {
  const row = (name) => page.locator("#parameters tr", { hasText: name }).first().textContent();
  assert.ok((await row("encoder.weight")).includes("its last recorded result `hidden` was detached at recordings.rs:"));
  assert.ok((await row("decoder.unused")).includes("never used"));
  assert.ok((await row("decoder.bias")).includes("it is frozen"));
  assert.ok((await row("decoder.weight")).includes(six(Math.tanh(0.7))));
  assert.ok(await page.locator('#parts a.alarm[href="#parameters"]').isVisible());
  // The same in one list: what is wrong, by which number, and what to do.
  const found = await texts(page.locator("#diagnosis tbody tr"));
  assert.equal(found.length, Number(/: (\d+) findings?$/.exec(await page.locator("#diagnosis pre").textContent())[1]));
  const frozen = found.find((line) => line.includes("`decoder.bias` is frozen"));
  assert.ok(frozen && frozen.includes("parameters without a gradient: 1") && frozen.includes("thaw"), String(found));
  await page.locator("#kind").selectOption("lost");
  const rows = await texts(page.locator("#rows tbody td:nth-child(3)"));
  assert.ok(rows.includes("encoder.weight") && !rows.includes("decoder.weight"), String(rows));
});

on("a thousand nodes stay readable", "thousand.html", {}, async (page) => {
  const [value, w, n] = [0.5, 0.99, 500];
  const sum = (1 - w ** n) / (1 - w); // y = value · sum
  const byW = value * ((1 - w ** n) / (1 - w) ** 2 - (n * w ** (n - 1)) / (1 - w));
  const shown = page.locator("#canvas .box:not(.echo)");
  assert.ok((await shown.count()) <= 60);
  assert.ok(await page.locator("#alone").isVisible(), "not every choice of open modules has a picture, and the page says so");
  assert.match(await page.locator("#said").textContent(), /^1000 nodes in \d+ boxes \(folded at first to show at most 60\)$/);
  assert.deepEqual(await lines(page, 0), ["xinput", "value 0.5", `grad ${six(sum)}`]);
  assert.deepEqual(await lines(page, 1), ["winput", "value 0.99", `grad ${six(byW)}`]);
  const before = await shown.count();
  const size = () => page.locator("#canvas .box:not(.echo) text").first().evaluate((text) => text.getBoundingClientRect().height);
  assert.ok((await size()) > 8, "the text can be read");
  await page.locator("#canvas .box.folded").first().click();
  assert.ok((await shown.count()) > before);
  assert.ok((await shown.count()) < 2 * before);
  // The last step completes the gradient.
  await page.locator("#step").press("End");
  const totals = await texts(page.locator("#frame .total"));
  assert.ok(totals.some((total) => total.startsWith("w.grad") && total.endsWith(`= ${six(byW)}`)), String(totals));
  assert.equal(await page.locator("#count").textContent(), "300 of 1000 rows shown");
  await page.locator("#search").fill("y add");
  assert.deepEqual(await texts(page.locator("#rows tbody td:first-child")), ["999"]);
  await page.locator("#search").fill("");
  await page.locator("#more").click();
  assert.equal(await page.locator("#rows tbody tr").count(), 1000);
});

on("names are text, whatever they contain", "hostile.html", {}, async (page, seen) => {
  const name = "</script><img src=x onerror=alert(1)>";
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.locator("script").count(), 2);
  assert.ok((await box(page, 0).getAttribute("aria-label")).includes(name));
  await page.locator("#search").fill("onerror");
  assert.equal(await page.locator("#rows tbody td:nth-child(3)").first().textContent(), name);
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await box(page, 1).click();
  assert.equal(await page.locator("#node-title").textContent(), "Node 1: \"&'<b>\\ input");
  assert.deepEqual(seen.dialogs, []);
});

on("checks are heat maps, attributions pictures, flipped decisions rows", "reports.html", {}, async (page) => {
  assert.equal(await page.title(), "A net with all its reports");
  const [kinked, wrong] = [page.locator("#check"), page.locator("#check-2")];
  assert.equal(await kinked.locator(".map rect.ok").count(), 23 + 1); // and one in the legend
  assert.equal(await kinked.locator(".map svg[role=img] rect.kink").count(), 1);
  // Row 2, column 1 of 8 × 3.
  const place = await kinked.locator(".map svg[role=img] rect.kink").evaluate((rect) => [rect.x, rect.y].map((at) => at.baseVal.value / rect.width.baseVal.value));
  assert.deepEqual(place, [1, 2]);
  assert.equal(await wrong.locator(".map svg[role=img] rect.wrong").count(), 24);
  assert.ok((await wrong.textContent()).includes("analytic/numeric = 24.000000 everywhere  -> missing 1/n"));
  const attribution = page.locator("#attribution");
  assert.equal(await attribution.locator(".map svg[role=img] rect.cell").count(), 64);
  assert.ok((await attribution.textContent()).includes("completeness"));
  assert.ok((await page.locator("#kinks").textContent()).includes("relu"));
});

for (const colorScheme of ["light", "dark"]) {
  on(`every text can be read in ${colorScheme}`, "reports.html", { colorScheme }, async (page) => {
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const sum = paper.match(/\d+/g).map(Number).reduce((a, b) => a + b);
    assert.ok(colorScheme === "dark" ? sum < 150 : sum > 600, paper);
    await page.keyboard.press("ArrowRight");
    // WCAG 2.1: a contrast of 4.5 for text.
    const poor = await page.evaluate(() => {
      const number = (text) => text.match(/[\d.]+/g).map(Number);
      const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
          if (at.matches(".box, .label, .handle")) return number(getComputedStyle(at.querySelector("rect")).fill);
          if (at.querySelector(":scope > .handle")) return number(getComputedStyle(at.querySelector(".handle")).fill);
          const colour = number(getComputedStyle(at).backgroundColor);
          if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
      };
      const all = [...document.querySelectorAll("body *")].filter((element) =>
        !element.closest("script, noscript, .skip, option, desc, title") && element.checkVisibility() &&
        [...element.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()));
      return all.map((element) => {
        const style = getComputedStyle(element);
        const ink = number(element.closest("svg") ? style.fill : style.color);
        const [a, b] = [light(ink), light(behind(element))].sort((a, b) => b - a);
        return [(a + 0.05) / (b + 0.05), element.textContent.slice(0, 40)];
      }).filter(([contrast]) => contrast < 4.5);
    });
    assert.deepEqual(poor, []);
  });
}

for (const width of [360, 768, 1280, 1920, 3840]) {
  on(`nothing sticks out at a width of ${width}`, "reports.html", { viewport: { width, height: 900 } }, async (page) => {
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    const out = await page.locator("section").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.id));
    assert.deepEqual(out, []);
  });
}

on("everything that can be used has a name", "reports.html", {}, async (page) => {
  const nameless = await page.locator("button, input, select, [role=button], [role=img], [role=region], table th").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility() && !(one.getAttribute("aria-label") || one.textContent.trim() || one.closest("label"))).map((one) => one.outerHTML));
  assert.deepEqual(nameless, []);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const ids = await page.locator("[id]").evaluateAll((all) => all.map((one) => one.id));
  assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
});

on("the SVG stands for itself", "net.svg", {}, async (page) => {
  assert.equal(await page.locator(".box").count(), 12);
  assert.match(await page.locator("#title").textContent(), /^Gradient of loss: 12 nodes/);
  assert.ok((await page.locator("#desc").textContent()).includes("node 11: loss, cross_entropy"));
});
