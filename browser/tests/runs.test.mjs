// What the reports of runs must do in a real browser. Numbers are expected from closed forms, not from the pages.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./open.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

// A page must have asked for itself alone and not complained.
const on = (what, name, options, body) =>
  test(what, { timeout: 60_000 }, async () => {
    const { page, url, seen, close } = await open(browser, name, options);
    try {
      await body(page);
      assert.deepEqual(seen.requests, [url]);
      assert.deepEqual(seen.complaints, []);
      assert.deepEqual(seen.dialogs, []);
    } finally {
      await close();
    }
  });
const texts = (locator) => locator.evaluateAll((all) => all.map((one) => one.textContent.replace(/\s+/g, " ").trim()));
const digits = (x, n) => String(Number(x.toPrecision(n)));

// loss = w², w from 3, times 0.8 a step.
const weight = (step) => 3 * 0.8 ** step;

on("the numbers of a run are right at every watched step", "run.html", {}, async (page) => {
  assert.equal(await page.locator("#run").textContent(), "A square");
  const summary = await page.locator("#summary").textContent();
  assert.equal(summary, `12 steps, 6 watched (every 2), loss 9 -> ${digits(weight(11) ** 2, 4)}; f64.`);
  const row = async () => (await texts(page.locator("#parameter-rows tbody td")));
  const expected = (step) => ["weight", "[1, 1]", digits(weight(step), 3), digits(2 * weight(step), 3)];
  // The last one at first.
  assert.deepEqual((await row()).slice(0, 4), expected(10));
  // A step is a fifth of the weight.
  assert.equal((await row())[9], Math.log10(0.2).toFixed(2));
  await page.locator("#back").click();
  assert.deepEqual((await row()).slice(0, 4), expected(8));
  await page.locator("#parts").click();
  for (let i = 0; i < 9; i++) await page.keyboard.press("ArrowLeft");
  assert.deepEqual((await row()).slice(0, 4), expected(0));
  assert.equal(await page.locator("#head").textContent(), "step 0, loss 9");
  await page.locator("#step").fill("2");
  assert.deepEqual((await row()).slice(0, 4), expected(4));
  assert.equal(await page.locator("#step").getAttribute("aria-valuetext"), `step 4, loss ${digits(weight(4) ** 2, 4)}`);
  assert.equal(await page.locator("#diagnosis").getAttribute("class"), "wide");
  assert.ok(await page.locator("#failure").isHidden());
});

on("curves have text alternatives with their ends", "run.html", {}, async (page) => {
  const words = await page.locator("#charts svg.chart").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  assert.equal(words[0], `loss from 9 at step 0 to ${digits(weight(11) ** 2, 3)} at step 11`);
  assert.equal(words[1], "weight from 0.2 at step 0 to 0.2 at step 10");
  assert.equal(words[2], "a line from 0 at step 0 to 11 at step 11");
  // The curve of the loss falls.
  const path = await page.locator("#loss .line").getAttribute("d");
  const heights = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]));
  assert.equal(heights.length, 12);
  assert.ok(heights.every((y, i) => i === 0 || y > heights[i - 1]), path);
});

on("the policy holds", "run.html", {}, async (page) => {
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  assert.equal(policy, "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:");
});

on("a net has all its parts, and names are no markup", "run-net.html", {}, async (page) => {
  assert.equal(await page.locator("#run").textContent(), "<script>alert(1)</script> three arms");
  assert.ok((await texts(page.locator("#curves .legend"))).includes("<b>accuracy</b>"));
  assert.equal(await page.locator("b").count(), 0);
  const layers = await texts(page.locator("#layer-rows tbody tr td:nth-child(2)"));
  assert.deepEqual(layers, ["linear relu", "linear tanh", "linear sigmoid", "linear"]);
  assert.equal(await page.locator("#parameter-rows tbody tr").count(), 8);
  assert.equal(await page.locator("#flow-chart .dot").count(), 8);
  // The slope of least squares through the sizes on the way back, and what it is called.
  const sizes = JSON.parse(await page.locator("#data").textContent()).records.at(-1).flow.backward.toReversed();
  const slope = sizes.reduce((sum, y, i) => sum + y * (i - 1.5), 0) / 5;
  const word = slope < -0.3 ? "vanishing" : slope > 0.3 ? "exploding" : "steady";
  const verdict = await page.locator("#verdict").textContent();
  assert.ok(verdict.startsWith(`going back ${digits(slope, 3)} decades a layer: ${word}`), `${slope}: ${verdict}`);
  assert.ok((await page.locator("#graph svg.graph .box").count()) > 3);
  assert.ok((await page.locator("#found").textContent()).includes("Nothing was found."));
  // Shares of the chosen histogram sum to 1 at each step.
  const data = JSON.parse(await page.locator("#data").textContent());
  for (const one of data.histograms) {
    for (const column of one.columns) assert.ok(Math.abs(column.reduce((sum, [, share]) => sum + share, 0) - 1) < 0.005, one.name);
  }
  await page.locator("#tensor").selectOption({ label: "2.weight: gradient" });
  assert.ok((await page.locator("#odd").textContent()).includes("of 576:"));
  assert.ok((await page.locator("#heat rect").count()) > 20);
});

on("a run that broke says where, first of all", "run-broken.html", {}, async (page) => {
  const told = await page.locator("#provenance").textContent();
  assert.ok(/^step \d+: NonFinite: node \d+ `square`/.test(told), told);
  const heads = await texts(page.locator("#found .head"));
  assert.ok(heads[0].includes("learning rate too high"), heads.join());
  assert.ok((await page.locator("#graph-title").textContent()).includes("which failed"));
  assert.ok((await page.locator("#diagnosis").getAttribute("class")).includes("alarm"));
});

on("a run without a step is a page, too", "run-empty.html", {}, async (page) => {
  assert.ok((await page.locator("#summary").textContent()).startsWith("0 steps, 0 watched"));
  assert.ok(await page.locator("#parameters").isHidden());
});

for (const [what, options] of [["narrow", { viewport: { width: 420, height: 900 } }], ["dark", { colorScheme: "dark" }]]) {
  on(`nothing sticks out when it is ${what}`, "run-net.html", options, async (page) => {
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(inner <= outer, `${inner} > ${outer}`);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    assert.equal(ink === "rgb(230, 237, 243)", what === "dark");
  });
}
