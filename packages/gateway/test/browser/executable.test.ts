import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import { findChromium, type Places, whyNot } from "../../src/services/browser/engine/chromium/executable.ts";
import { packagedChromium } from "../../src/services/browser/engine/chromium/packaged.ts";
import { downloadedPlaces } from "../../src/services/browser/engine/chromium/usual-places.ts";

const none: Places = { usual: [], downloaded: () => [], packaged: async () => undefined };

describe("finding a Chromium", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "openclaw-finding-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A program that does what the shell's words say. */
  async function program(name: string, words: string): Promise<string> {
    const path = join(folder, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${words}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const config = (executablePath?: string) => ({ executablePath, folder, env: { PATH: "/bin:/usr/bin" } });
  const failure = async (work: Promise<unknown>): Promise<GatewayError> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof GatewayError);
    return error;
  };

  it("takes the one that is configured and no other", async () => {
    const told = await program("told", "echo Chromium 1.2.3.4");
    const usual = await program("usual", "echo Chromium 9.9.9.9");
    const found = await findChromium(config(told), { ...none, usual: [usual] });
    assert.deepEqual([found.executablePath, found.origin], [told, "browser.executablePath"]);
  });

  it("names the key where what is configured is not there, ends, or is something else, and never a path", async () => {
    const broken = await program("broken", `echo "no ${folder}/libraries" >&2; exit 127`);
    const other = await program("other", "echo hello");
    const usual = [await program("usual", "echo Chromium 9.9.9.9")];
    const cases = [
      [join(folder, "nothing"), /there is no such file/],
      [broken, /it ended with 127, saying "no …"/],
      [other, /it does not tell its version/],
      [folder, /it may not be executed/],
    ] as const;
    for (const [path, reason] of cases) {
      const error = await failure(findChromium(config(path), { ...none, usual }));
      assert.equal(error.code, "service_unavailable");
      assert.equal(error.param, "browser.executablePath");
      assert.match(error.message, reason);
      assert.ok(!error.message.includes(folder), error.message);
    }
  });

  it("passes over stubs that only say what to install, to Playwright's download, the newest first", async () => {
    const stub = await program("stub", "echo Please install the snap >&2; exit 1");
    const silent = await program("silent", "exit 0");
    const cache = join(folder, "cache");
    await program("cache/chromium-900/chrome-linux/chrome", "echo Chromium 90.0.0.0");
    const newest = await program("cache/chromium-1200/chrome-linux64/chrome", "echo Chromium 120.0.0.0");
    const downloaded = () => downloadedPlaces({ PLAYWRIGHT_BROWSERS_PATH: cache });
    const found = await findChromium(config(), { ...none, usual: [stub, silent], downloaded });
    assert.deepEqual([found.executablePath, found.origin], [newest, "Playwright's download"]);
  });

  it("says how to get one where there is none", async () => {
    const error = await failure(findChromium(config(), none));
    assert.equal(error.code, "service_unavailable");
    assert.match(
      error.message,
      /There is no Chromium that starts here\. Install .*browser\.executablePath\.$/,
    );
  });

  it("finds the one that npm brings", async (t) => {
    const env = { PATH: "/bin:/usr/bin" };
    const packaged = () => packagedChromium({ folder, env });
    if (!(await packaged()))
      return t.skip("@sparticuz/chromium is not installed or not made for this machine");
    const found = await findChromium({ folder, env }, { ...none, packaged });
    assert.match(found.origin, /^npm package @sparticuz\/chromium \d+/);
  });

  it("unpacks it whole, for several who want it at once", {
    skip: !process.env.OPENCLAW_TEST_LONG,
  }, async (t) => {
    const env = { PATH: "/bin:/usr/bin" };
    const all = await Promise.all([1, 2].map(() => packagedChromium({ folder, env, beside: false })));
    if (!all[0]) return t.skip("@sparticuz/chromium is not installed or not made for this machine");
    assert.deepEqual(all[0], all[1]);
    assert.equal(await whyNot(all[0], env), undefined);
    assert.equal((await readdir(folder)).filter((it) => it.startsWith("chromium-")).length, 1);
  });
});
