import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { contract, type Method } from "openclaw-protocol";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { browserConfig } from "../../../protocol/src/config-browser.ts";
import { loadConfig } from "../../src/config/load.ts";
import { toolNames } from "../../src/runtime/tools/index.ts";
import { unknownToolWarnings } from "../../src/services/tool-selection.ts";
import { harness } from "../cli/harness.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const page = readFileSync(join(root, "docs/browser.md"), "utf8");
const run = promisify(execFile);

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text!);
}

/** The cells of the rows that begin like this. */
function rows(begin: RegExp): string[][] {
  return page
    .split("\n")
    .filter((line) => begin.test(line))
    .map((line) => line.slice(2, -2).split(" | "));
}

function section(title: string): string {
  return page.split(`\n## ${title}\n`)[1]!.split("\n## ")[0]!;
}

describe("docs/browser.md", () => {
  it("has every key of the configuration, with what holds unless it is set", () => {
    const told = [...section("Keys").matchAll(/^\| `(\w+)` \| (.*?) \|/gm)];
    const defaults: Record<string, unknown> = browserConfig.parse({});
    assert.deepEqual(told.map(([, key]) => key).sort(), Object.keys(browserConfig.shape).sort());
    for (const [, key, value] of told) {
      const real = defaults[key!];
      const isPlain = typeof real === "number" || (typeof real === "boolean" && key !== "noSandbox");
      if (isPlain || typeof real === "string") assert.equal(value!.replaceAll("`", ""), String(real), key);
    }
  });

  it("has every method with its route and its scope, and every tool", () => {
    const methods = Object.entries<Method>(contract)
      .filter(([name]) => /^(?:browser|media)\./.test(name))
      .map(([name, { http, scopes }]) => [name, `${http.method} ${http.path}`, scopes.join(" ")]);
    const told = rows(/^\| `(?:browser|media)\.[a-z.]+` \| `/).map((row) =>
      row.map((cell) => cell.replaceAll("`", "")),
    );
    assert.deepEqual(told, methods);
    const tools = rows(/^\| `browser_/).map(([name]) => name!.replaceAll("`", ""));
    assert.deepEqual(tools.sort(), toolNames.filter((it) => it.startsWith("browser_")).sort());
  });

  it("shows configurations that are valid, without a single warning", async () => {
    const examples = blocks("json5");
    assert.equal(examples.length, 2);
    for (const text of examples) {
      const dir = mkdtempSync(join(tmpdir(), "openclaw-docs-"));
      try {
        writeFileSync(join(dir, "openclaw.json"), text, { mode: 0o600 });
        const env = { OPENCLAW_STATE_DIR: dir, SHOP_PASSWORD: "secret" };
        const { warnings, config } = await loadConfig({ env, homeDir: dir });
        assert.deepEqual(warnings, []);
        assert.deepEqual(unknownToolWarnings(config, toolNames), []);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }
  });
});

const found = await findChromium();

describe("the examples of docs/browser.md", { skip: typeof found === "string" ? found : false }, () => {
  let site: Server;
  let gateway: TestGateway;
  let folder: string;

  before(async () => {
    site = createServer((request, response) => {
      const text = `<p>In short.</p><p><a href="/more">Learn more</a></p>`;
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><title>${request.url}</title><div><h1>Example</h1>${text}</div>`);
    }).listen(0, "127.0.0.1");
    await once(site, "listening");
    const executablePath = process.env.CHROMIUM_PATH;
    const browser = { allowPrivate: ["127.0.0.1"], ...(executablePath && { executablePath }) };
    gateway = await startGateway({ config: { browser } });
    mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
    folder = mkdtempSync(join(root, "node_modules/.cache/docs-"));
  });

  after(async () => {
    await gateway?.close();
    site?.closeAllConnections();
    site?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** An example as a reader would run it, but against this test's gateway and site. */
  function here(code: string): string {
    const { port } = site.address() as AddressInfo; // it listens on TCP
    return code
      .replaceAll("http://127.0.0.1:18789", gateway.url)
      .replaceAll("https://example.com", `http://127.0.0.1:${port}/`)
      .replaceAll("npx openclaw", "openclaw");
  }

  /** What its commands print, each run as the shell would have it, without a process for each. */
  async function commands(t: TestContext, code: string): Promise<string> {
    const { run: openclaw } = await harness(t);
    const before = process.cwd();
    process.chdir(folder);
    t.after(() => process.chdir(before));
    const env = { OPENCLAW_GATEWAY_URL: gateway.url, OPENCLAW_GATEWAY_TOKEN: gateway.token };
    let told = "";
    for (const line of here(code).trim().split("\n")) {
      const words = line.replace(/ +#(?: .*)?$/, "").match(/"[^"]*"|\S+/g) ?? [];
      const [program, ...args] = words.map((word) => word.replace(/^"(.*)"$/, "$1"));
      assert.equal(program, "openclaw", line);
      const { code: exitCode, stdout, stderr } = await openclaw(args, { env });
      assert.deepEqual([exitCode, stderr], [0, ""], line);
      told += stdout;
    }
    return told;
  }

  async function program(command: string, args: readonly string[]): Promise<string> {
    const env = { PATH: process.env.PATH, TOKEN: gateway.token };
    return (await run(command, args, { cwd: folder, env })).stdout;
  }

  const png = "89504e47";

  it("the first page: opened and shown by the command line, by curl and by the SDK", async (t) => {
    const [byCommands, byHttp] = blocks("sh");
    const told = await commands(t, byCommands!);
    assert.match(told, /^Page +\/\n[\s\S]*^Status +200$[\s\S]*^screenshot-\S+\.png \(/m);
    assert.match(await program("bash", ["-euc", here(byHttp!)]), /"success":true/);
    const [code] = blocks("ts");
    const flags = ["--conditions=openclaw-source", "--input-type=module-typescript", "-e", here(code!)];
    assert.match(await program(process.execPath, flags), /^\/ 200 1280 × \d+$/m);
    const pictures = readdirSync(folder).filter((name) => name.endsWith(".png"));
    assert.equal(pictures.length, 2);
    for (const name of pictures) {
      assert.equal(readFileSync(join(folder, name)).toString("hex", 0, 4), png, name);
    }
  });

  it("a page is read and used, by the refs that are shown, and the browser is stopped", async (t) => {
    const [snapshot, ...rest] = blocks("sh")[2]!.split("\n");
    const shown = await commands(t, snapshot!);
    const ref = /link "Learn more" \[((?:f\d+)?e\d+)\]/.exec(shown)?.[1];
    assert.ok(ref, shown);
    const told = await commands(t, rest.join("\n").replace(/\be6\b/, ref));
    assert.match(
      told,
      /Address +\S+\/more$[\s\S]*Address +http:\/\/127\.0\.0\.1:\d+\/$[\s\S]*^Stopped 1\.$/m,
    );
  });

  it("profiles are made, used, reset and deleted, and files are listed", async (t) => {
    const told = await commands(t, blocks("sh")[3]!);
    assert.match(told, /Made the profile work\.[\s\S]*work is as new\.[\s\S]*Deleted the profile work\./);
    assert.match(told, /^default .*\n(?:.*\n)*incognito /m);
    assert.match(await commands(t, blocks("sh").at(-1)!), /No files yet\.\nNo files yet\./);
  });
});
