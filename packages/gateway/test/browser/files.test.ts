import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import type { DownloadedFile, Pointed } from "../../src/services/browser/engine/base/types.ts";
import { fileName } from "../../src/services/browser/engine/tabs/file-names.ts";
import { createFiles } from "../../src/services/browser/engine/tabs/files.ts";
import { until } from "../support/until.ts";
import { failsWith, startTabRig, type TabRig } from "./tab-rig.ts";

describe("files of pages", () => {
  let rig: TabRig;
  let tab: Tab;
  let files: ReturnType<typeof createFiles>;
  let reason: string | undefined;
  /** Connections over which an endless file comes. */
  let endless = 0;

  before(async () => {
    const started = await startTabRig({ downloadMaxBytes: 300_000 });
    if (typeof started === "string") {
      reason = started;
      return;
    }
    rig = started;
    files = createFiles({ config: { folder: rig.folder }, tabs: rig.tabs, navigation: rig.navigation });
    const { pages } = rig.site;
    pages.set(
      "/",
      "<title>Files</title><a id=small href=/small>small</a><a id=new href=/small target=_blank>new</a>" +
        "<a id=endless href=/endless>endless</a><a id=slow href=/slow>slow</a><button id=no>no</button>" +
        '<button id=many onclick=\'for (let i = 0; i < 8; i++) { const a = document.createElement("a"); a.href = "/slow?" + i; a.download = i; a.click() }\'>many</button>',
    );
    pages.set("/small", (_, response) => {
      response.writeHead(200, { "content-disposition": 'attachment; filename="../../re\\"port .txt"' });
      response.end("Hello");
    });
    pages.set("/slow", (_, response) => {
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "content-disposition": "attachment; filename=slow.bin",
      });
      response.write("a beginning");
    });
    pages.set("/endless", (_, response) => {
      response.writeHead(200, { "content-disposition": "attachment; filename=endless.bin" });
      endless += 1;
      const timer = setInterval(() => response.write(Buffer.alloc(50_000)), 20);
      response.on("close", () => {
        clearInterval(timer);
        endless -= 1;
      });
    });
    pages.set(
      "/form",
      "<title>Form</title><input type=file id=one><label id=label>Pictures<input type=file id=several multiple hidden></label>" +
        "<button id=asks onclick=\"document.querySelector('#several').click()\">asks</button><button id=no>no</button>" +
        "<script>const held = (id) => [...document.getElementById(id).files].map((it) => it.name + it.size).join()</script>",
    );
    tab = await rig.tab();
  });
  after(() => rig?.close());

  function skip(t: TestContext): boolean {
    if (reason !== undefined) t.skip(reason);
    return reason !== undefined;
  }

  function download(
    from: Pointed & { url?: string },
    ms = 10_000,
    signal?: AbortSignal,
  ): Promise<DownloadedFile> {
    return rig.act(tab, ms, (doing) => files.download(tab, from, doing), signal);
  }

  it("gets the file that comes of a click, under a name that is no path", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    for (const selector of ["#small", "#new"]) {
      const { path, name, size, url, tabId } = await download({ selector });
      assert.deepEqual([size, url, tabId], [5, `${rig.site.url}/small`, tab.id]);
      assert.match(name, /^[^/\\"]+port \.txt$/);
      assert.equal(dirname(path), join(rig.folder, "downloads"));
      assert.equal(await readFile(path, "utf8"), "Hello");
    }
    assert.equal(tab.page.url(), `${rig.site.url}/`);
  });

  it("gets the file of an address, and says so where that is a page", async (t) => {
    if (skip(t)) return;
    assert.equal((await download({ url: `${rig.site.url}/small` })).size, 5);
    await assert.rejects(
      download({ url: `${rig.site.url}/form` }),
      failsWith("invalid_request", /is a page and no file/, "url"),
    );
    await assert.rejects(
      download({ url: `${rig.site.url}/none` }),
      failsWith("invalid_request", /HTTP 404/, "url"),
    );
  });

  it("cancels a file that grows beyond the cap while it comes", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    await assert.rejects(
      download({ selector: "#endless" }),
      failsWith("payload_too_large", /"endless\.bin" is larger than 0\.3 MB/),
    );
    await until(() => endless === 0, "the connection is closed");
    assert.equal((await download({ selector: "#small" })).size, 5);
  });

  it("cancels a file that has not come by the deadline", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    await assert.rejects(
      download({ selector: "#slow" }, 2_000),
      failsWith("timeout", /"slow\.bin" had not come after .*cancelled/),
    );
    assert.equal((await download({ selector: "#small" })).size, 5);
  });

  it("says when a click brings no file", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    await assert.rejects(
      download({ selector: "#no" }, 1_500),
      failsWith("invalid_request", /No file has come.*"Files"/, "selector"),
    );
  });

  it("cancels a file once nobody waits for it any more", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    const caller = new AbortController();
    const waiting = download({ selector: "#slow" }, 10_000, caller.signal);
    const given = new Error("given up");
    await until(
      () => rig.tabs.network(tab, 5).entries.some(({ url }) => url.endsWith("/slow")),
      "it has begun",
    );
    caller.abort(given);
    await assert.rejects(waiting, (error) => error === given);
    assert.equal((await download({ selector: "#small" })).size, 5);
  });

  it("keeps a file that nobody waits for, and says so", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/");
    const before = rig.downloaded.length;
    const opened = await rig.open(tab, "/small");
    assert.deepEqual([opened.success, opened.url, opened.title], [true, `${rig.site.url}/`, "Files"]);
    await until(() => rig.downloaded.length > before, "the file has come");
    assert.equal(rig.downloaded.at(-1)?.size, 5);
    const notes = [...(opened.notes ?? []), ...((await rig.navigation.now(tab)).notes ?? [])].join();
    assert.match(notes, /port \.txt" is being downloaded.*has been downloaded \(5 bytes\)/);
  });

  it("takes five files at once and no more", async (t) => {
    if (skip(t)) return;
    const page = await rig.tab("session:many");
    await rig.open(page, "/");
    await rig.act(page, 5_000, () => page.page.click("#many"));
    const notes: string[] = [];
    await until(async () => {
      notes.push(...((await rig.navigation.now(page)).notes ?? []));
      return /not downloaded: 5 files are coming down already/.test(notes.join());
    }, "one is refused");
    await rig.tabs.endOwner("session:many");
    assert.ok(
      (await readdir(join(rig.folder, "downloads"))).filter((it) => it.endsWith(".crdownload")).length <= 5,
    );
  });

  it("puts files into a field, a label's field, and where a click asks for them", async (t) => {
    if (skip(t)) return;
    const file = (name: string) => ({ name, mimeType: "text/plain", data: Buffer.from("abc") });
    const upload = (at: Pointed, names: string[], ms = 10_000) =>
      rig.act(tab, ms, (doing) => files.upload(tab, at, names.map(file), doing));
    const held = (id: string) => tab.page.evaluate(`held("${id}")`);
    await rig.open(tab, "/form");
    await upload({ selector: "#one" }, ["/etc/a.txt"]);
    assert.equal(await held("one"), "a.txt3");
    await upload({ selector: "#label" }, ["b.txt", "c.txt"]);
    assert.equal(await held("several"), "b.txt3,c.txt3");
    await upload({ selector: "#asks" }, ["d.txt"]);
    assert.equal(await held("several"), "d.txt3");
    await assert.rejects(
      upload({ selector: "#one" }, ["e", "f"]),
      failsWith("invalid_request", /one file only/, "files"),
    );
    await assert.rejects(
      upload({ selector: "#no" }, ["e"], 1_500),
      failsWith("invalid_request", /asks for no file/, "selector"),
    );
    await assert.rejects(upload({}, ["e"]), failsWith("invalid_request", /2 file fields/, "ref"));
  });

  it("makes a safe name of whatever a site suggests", () => {
    const names: [suggested: string, safe: string][] = [
      ["../../etc/passwd", "passwd"],
      ["C:\\Windows\\win.ini", "win.ini"],
      [".bashrc", "bashrc"],
      ["..", "download"],
      ["a\u202egpj.exe\n", "agpj.exe"],
      ['<b>:"|?*.txt', "_b______.txt"],
      [`${"x".repeat(300)}.tar`, `${"x".repeat(116)}.tar`],
      ["", "download"],
    ];
    for (const [suggested, safe] of names) assert.equal(fileName(suggested), safe);
  });
});
