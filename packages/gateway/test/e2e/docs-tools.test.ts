import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { toolProfiles } from "openclaw-protocol";
import { loadConfig } from "../../src/config/load.ts";
import { loadTools, toolNames } from "../../src/runtime/tools/index.ts";
import { createCommandList } from "../../src/services/approvals/command-list.ts";
import { createToolSelection, unknownToolWarnings } from "../../src/services/tool-selection.ts";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const run = promisify(execFile);

const read = (page: string) => readFileSync(join(root, page), "utf8");

/** The fenced blocks of a page, by language. */
function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(
    (match) => match[1]!,
  );
}

describe("docs/tools.md and docs/security.md", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.close());

  /** Runs an example as a reader would, but against this test's gateway. */
  async function shell(code: string, variables: Record<string, string> = {}) {
    const here = code.replaceAll("http://127.0.0.1:18789", gateway.url);
    const env = {
      PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
      HOME: gateway.stateDir,
      OPENCLAW_STATE_DIR: gateway.stateDir,
      OPENCLAW_GATEWAY_URL: gateway.url,
      TOKEN: gateway.token,
      ...variables,
    };
    return (await run("bash", ["-euc", here], { cwd: root, env })).stdout;
  }

  async function waiting(): Promise<string> {
    let approvals: Json[] = [];
    await until(async () => {
      ({ approvals } = (await gateway.api("GET", "/v1/approvals")).body);
      return approvals.length > 0;
    }, "a call waits for a decision");
    return approvals[0]!.approvalId; // as just waited for
  }

  it("a command is approved on the command line, then for good over HTTP, then not asked about", async () => {
    const [call, byCommands, byHttp] = blocks("docs/tools.md", "sh");
    const first = shell(call!);
    const shown = await shell(byCommands!, { ID: await waiting() });
    assert.match(shown, /"argv":\["[^"]*\/ls"\][\s\S]*Allowed approval-[\s\S]*allow +exec/);
    assert.match(await first, /exec answered .*AGENTS\.md/);

    const second = shell(call!);
    const answered = await shell(byHttp!, { ID: await waiting() });
    assert.match(answered, /"facts":[\s\S]*"decision":"always"[\s\S]*"words":\["[^"]*\/ls"\]/);
    assert.match(await second, /exec answered .*AGENTS\.md/);
    assert.match(await shell(call!), /exec answered .*AGENTS\.md/);
  });

  it("a job is made on a schedule", async () => {
    const [, , , schedule] = blocks("docs/tools.md", "sh");
    assert.match(await shell(schedule!), /0 9 \* \* 1-5 \(Europe\/Berlin\)[\s\S]*What is on today\?/);
  });

  it("a guest's command is shut in, or refused where there is no sandbox", async () => {
    const [guest] = blocks("docs/security.md", "sh");
    const said = await shell(guest!);
    const [, result] = /exec answered (.*)\.$/m.exec(said) ?? [];
    if (result === undefined) assert.match(said, /exec failed with .*no sandbox that works/);
    else assert.notDeepEqual(JSON.parse(result).stdout.trim().split("\n"), readdirSync("/").sort());
    const { body } = await gateway.api("GET", "/v1/approvals");
    assert.deepEqual(body.approvals, []);
  });
});

describe("the configurations that docs/tools.md and docs/security.md show", () => {
  const examples = ["docs/tools.md", "docs/security.md"].flatMap((page) =>
    blocks(page, "json5").map((text, place): [string, string] => [`${page}, example ${place + 1}`, text]),
  );
  assert.equal(examples.length, 6);
  for (const [name, text] of examples) {
    it(`${name}: is valid, names tools that there are, and commands that can match`, async () => {
      const dir = mkdtempSync(join(tmpdir(), "openclaw-docs-"));
      try {
        writeFileSync(join(dir, "openclaw.json"), text, { mode: 0o600 });
        const { warnings, config } = await loadConfig({ env: { OPENCLAW_STATE_DIR: dir }, homeDir: dir });
        assert.deepEqual(warnings, []);
        assert.deepEqual(unknownToolWarnings(config, toolNames), []);
        assert.deepEqual(createCommandList(config.tools.allowlist).warnings, []);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });
  }
});

describe("the tables of docs/tools.md", () => {
  const page = read("docs/tools.md");
  const cells = (row: string) => row.split("|").map((it) => it.trim());
  const ticked = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

  it("list every tool with its parameters, and which run side by side", async () => {
    const [table] = page.split("\n## ");
    const rows = table!
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map(cells);
    const listed = rows.map(([, name, , params, , parallel]) => [
      ticked(name!)[0],
      ticked(params!)
        .map((it) => it.replace(/:.*/, ""))
        .sort(),
      parallel === "yes",
    ]);
    const tools = [...(await loadTools(toolNames)).values()].map((tool) => [
      tool.name,
      Object.keys(tool.params.shape).sort(),
      tool.parallel === true,
    ]);
    const byName = (one: unknown[], other: unknown[]) => (String(one[0]) < String(other[0]) ? -1 : 1);
    assert.deepEqual(listed.sort(byName), tools.sort(byName));
  });

  it("list what each profile has", () => {
    const select = createToolSelection({ tools: { byChannel: {} }, known: toolNames });
    for (const profile of toolProfiles) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${profile}\` |`))!;
      const rules = { profile, only: undefined, allow: [], deny: [], policy: {} };
      const names = select({ rules, channel: "webchat" });
      if (profile === "full") assert.deepEqual(names, [...toolNames].sort());
      else assert.deepEqual(ticked(cells(row)[2]!), names);
    }
  });
});

it("every link between the documents leads to a file, and to a heading of it", () => {
  const folders = ["docs", "docs/decisions"];
  const pages = folders.flatMap((it) => readdirSync(join(root, it)).map((name) => `${it}/${name}`));
  const broken: string[] = [];
  for (const page of ["README.md", "CONTRIBUTING.md", ...pages.filter((it) => it.endsWith(".md"))]) {
    for (const [, link] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path = "", anchor] = link!.split("#");
      if (/^[a-z]+:/.test(path)) continue;
      const target = path === "" ? page : join(dirname(page), path);
      const isThere = existsSync(join(root, target));
      if (!isThere || (anchor !== undefined && !anchorsOf(target).includes(anchor)))
        broken.push(`${page}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

/** The names that GitHub gives the headings of a page. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
