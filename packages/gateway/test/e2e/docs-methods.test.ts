import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { contract, type Method, resolveMethod } from "openclaw-protocol";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const run = promisify(execFile);
const page = readFileSync(new URL("../../../../docs/methods.md", import.meta.url), "utf8");
const methods = Object.entries<Method>(contract);

/** What stands under the method's heading. */
function sectionOf(name: string): string {
  const [, rest] = page.split(`\n### ${name}\n`);
  assert.ok(rest !== undefined, `docs/methods.md lacks ${name}`);
  return rest.split(/\n##/)[0]!; // splitting gives at least one part
}

function block(section: string, language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(section)?.[1] ?? "";
}

describe("docs/methods.md", () => {
  it("has every method with its route, scopes, other names and parameters", () => {
    for (const [name, { http, scopes, aliases = [], params }] of methods) {
      const section = sectionOf(name);
      assert.ok(section.includes(`\`${http.method} ${http.path.replace("...}", "}")}\``), `${name}: route`);
      for (const scope of scopes) assert.ok(section.includes(`\`${scope}\``), `${name}: ${scope}`);
      for (const alias of aliases) assert.ok(section.includes(`\`${alias}\``), `${name}: ${alias}`);
      for (const param of Object.keys(params.shape)) {
        assert.ok(section.includes(`| \`${param}\``), `${name}: ${param}`);
      }
    }
    const headings = [...page.matchAll(/^### (\w+\.[\w.]+)$/gm)].map((match) => match[1]!); // the group always matches
    assert.deepEqual(headings.sort(), Object.keys(contract).sort());
  });

  it("shows frames whose parameters are accepted", () => {
    for (const [name, { params }] of methods) {
      const frame = JSON.parse(block(sectionOf(name), "json"));
      assert.equal(resolveMethod(frame.method), name);
      const parsed = params.safeParse(frame.params);
      assert.ok(parsed.success, `${name}: ${parsed.error?.message}`);
    }
  });

  it("has every place that its links lead to, once", () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    assert.equal(new Set(anchors).size, anchors.length);
    for (const [, anchor = ""] of page.matchAll(/\]\(#([^)]+)\)/g))
      assert.ok(anchors.includes(anchor), anchor);
  });
});

describe("the requests of docs/methods.md", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway({ config: { browser: { enabled: false } } }); // which would ask the world for pages
  });
  after(() => gateway.close());

  it("are understood by the gateway: it may not have the thing, but knows what is asked", async () => {
    for (const [name] of methods) {
      const command = block(sectionOf(name), "sh").replaceAll("http://127.0.0.1:18789", gateway.url);
      assert.match(command, /^curl /);
      const quiet = command.replace(/^curl /, "curl -sS --max-time 20 -w '\\n%{http_code}' ");
      const { stdout } = await run("bash", ["-euc", quiet], {
        env: { PATH: process.env.PATH, TOKEN: gateway.token },
      });
      const status = Number(stdout.slice(stdout.lastIndexOf("\n")));
      const unknownPath = /There is nothing at this path|This path answers/.test(stdout);
      const unconfigured = status === 503 || (status === 400 && stdout.includes('"param":"channels.'));
      assert.ok(unconfigured || (status < 500 && status !== 400 && !unknownPath), `${name}: ${stdout}`);
    }
  });
});
