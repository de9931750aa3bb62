import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startGateway, type TestGateway } from "../../gateway/test/support/gateway.ts";
import { OpenClawClient } from "../src/index.ts";
import { findChromium } from "./support/chromium.ts";
import { launch, startSite } from "./support/page.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(join(root, "packages/client/README.md"), "utf8");
const run = promisify(execFile);

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code!);
}

/** What each example prints. */
const prints: [name: string, output: RegExp][] = [
  ["a first answer", /demo model.*You said: "Hello!"\. \d+/],
  ["a stream", /Tell me a story[\s\S]*\d+ tokens, 0 USD/],
  ["an approval", /The demo model has run the tools: exec/],
  ["a run that is followed and looked up", /^1 started\n\d+ delta\n[\s\S]*\ndone This is OpenClaw's/],
  ["a run over a WebSocket", /demo model[\s\S]* stop\nclosed /],
  [
    "agents, sessions, schedules",
    /draft Hello![\s\S]*user Hello!\nassistant This[\s\S]*builtin\/demo[\s\S]*telegram/,
  ],
  ["errors", /^not_found .*no-such-session/],
];

describe("the README's examples", () => {
  let gateway: TestGateway;
  let folder: string;
  before(async () => {
    gateway = await startGateway();
    // Within the checkout, where the packages are found.
    mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
    folder = mkdtempSync(join(root, "node_modules/.cache/readme-"));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await gateway.close();
  });

  const here = (code: string, { url, token } = gateway) =>
    code.replaceAll("http://127.0.0.1:18789", url).replaceAll("your-token", token);

  /** An example as a file: with the first one's client, unless it has its own. */
  const whole = (code: string) => {
    const made = blocks("ts")[0]!.split("\n").slice(0, 3).join("\n");
    const first = code.includes("new OpenClawClient(") ? "" : `${made}\n`;
    return here(`${first}${code}\nclient.chat.close();\nexport {};\n`);
  };

  test("all of them have the types that they need", async () => {
    for (const [index, code] of blocks("ts").entries())
      writeFileSync(join(folder, `${index}.ts`), whole(code));
    const options = { extends: join(root, "tsconfig.json"), include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    const tsc = join(root, "node_modules/.bin/tsc");
    await run(tsc, ["-p", folder, "--singleThreaded"]).catch((error) => assert.fail(error.stdout));
    assert.equal(blocks("ts").length, prints.length);
  });

  for (const [index, [name, output]] of prints.entries()) {
    test(`${name}: it runs and prints what it should`, async () => {
      const flags = ["--conditions=openclaw-source", "--input-type=module-typescript"];
      const { stdout } = await run(process.execPath, [...flags, "-e", whole(blocks("ts")[index]!)], {
        cwd: root,
      });
      assert.match(stdout, output);
    });
  }

  test("the page gets its answer in a browser", async (t) => {
    const chromium = await findChromium();
    if (typeof chromium === "string") return t.skip(chromium);
    await using site = await startSite();
    const config = { gateway: { controlUi: { allowedOrigins: [site.origin] } } };
    const allowing = await startGateway({ config });
    t.after(() => allowing.close());
    const browser = await launch(chromium);
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${site.origin}/examples/README.md`);
    await page.setContent(here(blocks("html")[0]!, allowing));
    await page.locator("pre", { hasText: 'You said: "Hello!".' }).waitFor();
  });
});

test("the README's table has every group and every method of the client", () => {
  const client = new OpenClawClient({});
  const rows = [...readme.matchAll(/^\| `client(?:\.(\w+))?` \| (.*) \|$/gm)];
  const told = Object.fromEntries(
    rows.map(([, group = "", methods]) => [
      group,
      [...methods!.matchAll(/`(\w+)`/g)].map(([, it]) => it!).sort(),
    ]),
  );
  const groups = Object.entries(client).map(([group, methods]) => [group, methodsOf(methods)]);
  assert.deepEqual(told, { ...Object.fromEntries(groups), "": methodsOf(client) });
});

/** A group's own functions, or those of the class. */
function methodsOf(group: object): string[] {
  const own = Object.keys(group).filter((name) => typeof group[name as keyof object] === "function");
  const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(group));
  const isPlain = Object.getPrototypeOf(group) === Object.prototype;
  return [...own, ...(isPlain ? [] : inherited.filter((name) => name !== "constructor"))].sort();
}
