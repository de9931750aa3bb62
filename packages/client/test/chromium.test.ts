import assert from "node:assert/strict";
import { test } from "node:test";
import { type Chromium, findChromium, packagedChromium } from "./support/chromium.ts";
import { launch } from "./support/page.ts";

test("the Chromium that npm brings draws text and forms, with nothing of the system but libc", async (t) => {
  const found: Chromium | string = await packagedChromium().catch((error: unknown) => String(error));
  if (typeof found === "string") return t.skip(found);
  const browser = await launch(found);
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.setContent("<p>Hello</p><input type=password value=x><select><option>a</select><textarea>b");
  await page.fill("textarea", "written");
  assert.equal(await page.inputValue("textarea"), "written");
  const box = await page.locator("p").boundingBox();
  assert.ok(box && box.height > 0);
});

test("where CHROMIUM_PATH names something that does not start, that is the reason to skip", async (t) => {
  const before = process.env.CHROMIUM_PATH;
  t.after(() => {
    if (before === undefined) delete process.env.CHROMIUM_PATH;
    else process.env.CHROMIUM_PATH = before;
  });
  process.env.CHROMIUM_PATH = "/nowhere/chromium";
  assert.match(String(await findChromium()), /^CHROMIUM_PATH: \/nowhere\/chromium does not start/);
});
