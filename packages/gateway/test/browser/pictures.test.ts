import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import type { Picture, PictureWish } from "../../src/services/browser/engine/base/types.ts";
import { pictureSize } from "../../src/services/browser/engine/tabs/picture-header.ts";
import { createPictures } from "../../src/services/browser/engine/tabs/pictures.ts";
import { failsWith, startTabRig, type TabRig } from "./tab-rig.ts";

describe("pictures of pages", () => {
  let rig: TabRig;
  let tab: Tab;
  let reason: string | undefined;
  const pictures = createPictures({ config: { headless: true } });

  before(async () => {
    const started = await startTabRig();
    if (typeof started === "string") {
      reason = started;
      return;
    }
    rig = started;
    const { pages } = rig.site;
    pages.set(
      "/",
      "<title>Tall</title><style>body{margin:0;height:3000px}div{position:absolute}</style>" +
        "<div id=box style='top:2000px;left:300px;width:100px;height:50px;background:#f00'></div>" +
        "<div id=long style='top:100px;left:0;width:200px;height:2500px;background:#00f'></div>" +
        "<div id=hidden style='display:none'>x</div><h1>Much to be seen</h1>",
    );
    pages.set("/endless", "<title>Endless</title><body style='margin:0;height:90000px'>");
    pages.set("/blank", "<!doctype html>");
    pages.set("/secret", "<title>Secret</title><input id=key size=40><p>more</p>");
    tab = await rig.tab();
  });
  after(() => rig?.close());

  function skip(t: TestContext): boolean {
    if (reason !== undefined) t.skip(reason);
    return reason !== undefined;
  }

  function shoot(wish: PictureWish, ms = 10_000): Promise<Picture> {
    return rig.act(tab, ms, (doing) => pictures.screenshot(tab, wish, doing));
  }

  const sizeOf = ({ width, height }: { width: number; height: number }) => [width, height];

  it("shows what is visible, all of the page, or all of an element", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    const { mimeType, title, url, ...seen } = await shoot({});
    assert.deepEqual([mimeType, title, url], ["image/png", "Tall", `${rig.site.url}/`]);
    assert.deepEqual(sizeOf(seen), [1280, 720]);
    assert.deepEqual(sizeOf(await shoot({ fullPage: true })), [1280, 3000]);
    assert.deepEqual(sizeOf(await shoot({ selector: "#box" })), [100, 50]);
    assert.deepEqual(sizeOf(await shoot({ selector: "#long" })), [200, 720]);
    assert.deepEqual(sizeOf(await shoot({ selector: "#long", fullPage: true })), [200, 2500]);
  });

  it("paints the element that is meant, wherever the page is scrolled to", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    const { data } = await shoot({ selector: "#box" });
    const colours = await tab.page.evaluate(async (text) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${text}`)).blob());
      const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
      canvas.drawImage(picture, 0, 0);
      const corner = (x: number, y: number) => [...canvas.getImageData(x, y, 1, 1).data].slice(0, 3).join();
      return [corner(0, 0), corner(picture.width - 1, picture.height - 1)];
    }, Buffer.from(data).toString("base64"));
    assert.deepEqual(colours, ["255,0,0", "255,0,0"]);
  });

  it("makes png, jpeg and webp, and quality is for the last two", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    for (const format of ["jpeg", "webp"] as const) {
      const good = await shoot({ format, quality: 90 });
      assert.equal(good.mimeType, `image/${format}`);
      assert.deepEqual(pictureSize(good.data), { width: 1280, height: 720 });
      assert.ok((await shoot({ format, quality: 1 })).data.length <= good.data.length);
    }
    await assert.rejects(shoot({ quality: 50 }), failsWith("invalid_request", /jpeg and webp/, "quality"));
  });

  it("cuts a page that is too long, and says so", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/endless");
    assert.deepEqual(sizeOf(await shoot({ fullPage: true })), [1280, 16_384]);
    const { notes } = await rig.navigation.now(tab);
    assert.deepEqual(notes, ["The picture shows the first 1,280 × 16,384 pixels of 1,280 × 90,000."]);
  });

  it("takes a picture of a page without content, and of its body", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/blank");
    assert.deepEqual(sizeOf(await shoot({ fullPage: true })), [1280, 720]);
    assert.deepEqual(sizeOf(await shoot({ selector: "body" })), [1280, 720]);
  });

  it("says what is wrong with a selector that shows nothing", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    await assert.rejects(
      shoot({ selector: "#none" }, 1_500),
      failsWith("invalid_request", /#none.*"Tall"/, "selector"),
    );
    await assert.rejects(
      shoot({ selector: "#hidden" }),
      failsWith("invalid_request", /not visible/, "selector"),
    );
    await assert.rejects(shoot({ selector: "]" }), failsWith("invalid_request", /CSS/, "selector"));
  });

  it("covers secrets that were typed, and uncovers them afterwards", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/secret");
    await tab.page.fill("#key", "correct horse");
    await tab.page.locator("#key").blur(); // a cursor blinks
    const open = await shoot({ selector: "#key" });
    tab.secrets.add("correct horse");
    const covered = await shoot({ selector: "#key" });
    tab.secrets.clear();
    const again = await shoot({ selector: "#key" });
    const base64 = ({ data }: Picture) => Buffer.from(data).toString("base64");
    assert.notEqual(base64(covered), base64(open));
    assert.equal(base64(again), base64(open));
    assert.equal(await tab.page.getAttribute("#key", "style"), null);
  });

  it("keeps the size that a tab was given", async (t) => {
    if (skip(t)) return;
    await rig.navigation.resize(tab, { width: 400, height: 300 });
    assert.deepEqual(sizeOf(await shoot({})), [400, 300]);
    await rig.tabs.renew(tab);
    await rig.open(tab, "/");
    assert.deepEqual(sizeOf(await shoot({})), [400, 300]);
  });

  it("prints pages", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    const print = (wish: Parameters<typeof pictures.pdf>[1]) =>
      rig.act(tab, 10_000, (doing) => pictures.pdf(tab, wish, doing));
    assert.equal(Buffer.from(await print({})).toString("latin1", 0, 5), "%PDF-");
    assert.match(
      Buffer.from(await print({ format: "A5", landscape: true })).toString("latin1"),
      /MediaBox \[0 0 59\d/,
    );
  });
});
