// Opens pages in Chromium and watches what they do.

import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

// The one thing that is installed for the tests; `.ci/browser` reads it here.
export const DRIVER = "playwright-core@1.65.1";

const { chromium } = createRequire(resolve("target/browser/tests.js"))("playwright-core");
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

export const launch = () =>
  chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

// A page of `target/pages`, with what it said and asked for.
export const open = async (browser, name, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [], dialogs: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("dialog", async (dialog) => {
    seen.dialogs.push(dialog.message());
    await dialog.dismiss();
  });
  const url = pathToFileURL(resolve("target/pages", name)).href;
  await page.goto(url);
  return { page, url, seen, close: () => context.close() };
};
