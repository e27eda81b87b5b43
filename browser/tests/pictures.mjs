// Makes the pictures of `docs/`: `.ci/browser pictures`.

import { launch, open } from "./open.mjs";

const browser = await launch();
// `h = ln z + eᶻ` in the middle of its backward pass, both paths coloured.
const small = await open(browser, "tensors.html", { viewport: { width: 1280, height: 800 } });
for (let step = 1; step < 3; step++) await small.page.keyboard.press("ArrowRight");
await small.page.screenshot({ path: "docs/inspector.png" });
await small.close();
// A net of modules, one of them folded, at night.
const net = await open(browser, "net.html", { viewport: { width: 1280, height: 1000 }, colorScheme: "dark" });
await net.page.getByRole("button", { name: "Linear 2, open: fold it" }).click();
for (let smaller = 0; smaller < 2; smaller++) await net.page.locator("#smaller").click();
for (let step = 1; step < 6; step++) await net.page.keyboard.press("ArrowRight");
await net.page.locator('#canvas .box[data-node="2"]').click();
await net.page.locator("#canvas").evaluate((canvas) => canvas.scrollTo(0, 0));
await net.page.screenshot({ path: "docs/inspector-net.png" });
await net.close();
await browser.close();
