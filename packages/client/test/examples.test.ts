import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startGateway, type TestGateway } from "../../gateway/test/support/gateway.ts";
import { findChromium } from "./support/chromium.ts";
import { launch, startSite } from "./support/page.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/** What runs a file of this kind, and how to find out whether it is here. */
const programs: Record<string, { command: string[]; without?: (file: string) => string[] }> = {
  ".ts": { command: [process.execPath, "--conditions=openclaw-source"] },
  ".sh": { command: ["sh"], without: () => ["curl", "--version"] },
  ".py": {
    command: ["python3"],
    without: (file) => ["python3", "-c", `import ${/^(?:from|import) (openai|requests)/m.exec(file)?.[1]}`],
  },
};

const files = readdirSync(new URL("../../../examples", import.meta.url)).sort();

describe("the examples", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.close());

  for (const file of files) {
    const program = programs[extname(file)];
    if (!program) continue;
    test(`examples/${file} prints one answer and streams another`, async (t) => {
      const needs = program.without?.(read(file));
      const reason = needs && (await whyNot(needs));
      if (reason) return t.skip(reason);
      const [command, ...args] = [...program.command, `examples/${file}`];
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, TOKEN: gateway.token, URL: gateway.url };
      const { stdout } = await run(command!, args, { cwd: root, env });
      const text = extname(file) === ".sh" ? stdout + joined(stdout) : stdout;
      assert.match(text, /demo model.*You said: \\?"Hello!/);
      assert.match(text, /demo model.*You said: "And again, please\."/);
    });
  }

  test("examples/browser.html asks and shows the answer as it comes", async (t) => {
    const chromium = await findChromium();
    if (typeof chromium === "string") return t.skip(chromium);
    await using site = await startSite();
    const config = { gateway: { controlUi: { allowedOrigins: [site.origin] } } };
    const allowing = await startGateway({ config });
    t.after(() => allowing.close());
    const browser = await launch(chromium);
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${site.origin}/examples/browser.html`);
    await page.fill("[name=url]", allowing.url);
    await page.fill("[name=token]", allowing.token);
    await page.click("button");
    const shown = page.locator("output");
    await shown.getByText(/You said: "Hello!"[\s\S]*\(stop, \d+ tokens\)/).waitFor();

    await page.fill("[name=token]", "wrong");
    await page.click("button");
    await shown.getByText(/token/i).waitFor();
    assert.doesNotMatch((await shown.textContent()) ?? "", /Hello/);
  });

  test("examples/README.md names every example, and nothing that is not there", () => {
    const named = [...read("README.md").matchAll(/^\| \[([\w.-]+)\]\(\1\)/gm)].map(([, name]) => name!);
    assert.deepEqual(
      named.sort(),
      files.filter((file) => file !== "README.md"),
    );
  });
});

function read(file: string): string {
  return readFileSync(`${root}/examples/${file}`, "utf8");
}

/** The words of a stream of events, put together. */
function joined(stdout: string): string {
  const deltas = [...stdout.matchAll(/^event: delta\nid: .*\ndata: (.*)$/gm)];
  return deltas.map(([, data]) => (JSON.parse(data!) as { delta: string }).delta).join("");
}

async function whyNot([command, ...args]: string[]): Promise<string | undefined> {
  return run(command!, args).then(
    () => undefined,
    (error: Error & { stderr?: string }) =>
      `not here: ${error.stderr?.trim().split("\n").at(-1) || error.message}`,
  );
}
