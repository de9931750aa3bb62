import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

const launcher = new URL("../../bin/openclaw.js", import.meta.url).pathname;
const runFile = promisify(execFile);

/** The launcher in a package of its own whose bundle is this script. */
function install(t: TestContext, entry: string): string {
  const workspace = mkdtempSync(join(tmpdir(), "openclaw-launcher-"));
  t.after(() => rmSync(workspace, { recursive: true, force: true }));
  const root = join(workspace, "packages/gateway");
  for (const folder of ["bin", "dist"]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "dist/index.js"), entry);
  for (const name of ["openclaw.js", "bundle.js"])
    cpSync(join(launcher, "..", name), join(root, "bin", name));
  return join(root, "bin/openclaw.js");
}

const report = "console.log(JSON.stringify([process.pid, process.execArgv, process.argv.slice(2)]));";

/** A Node older than 24 on this machine, for the way that needs one. */
async function oldNode(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "node");
    if (!existsSync(path)) continue;
    const { stdout } = await runFile(path, ["-p", "process.versions.node"]);
    if (Number.parseInt(stdout, 10) < 24) return path;
  }
  return undefined;
}

function start(program: string, args: string[]): { child: ChildProcess; line: Promise<string> } {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const line = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n")) resolve(text);
    });
    child.once("close", () => reject(new Error(`ended without a line: ${text}`)));
  });
  return { child, line };
}

describe("the launcher", () => {
  it("stays one process, with the gateway's flags, under Node 24", async (t) => {
    const bin = install(t, report);
    for (const flags of [[], ["--max-semi-space-size=2", "--heap-growing-percent=50"]]) {
      const { child, line } = start(process.execPath, [...flags, bin, "gateway", "run", "--port", "1"]);
      const [pid, execArgv, argv] = JSON.parse(await line);
      assert.equal(pid, child.pid);
      assert.ok(execArgv.includes("--max-semi-space-size=2"));
      assert.deepEqual(argv, ["gateway", "run", "--port", "1"]);
    }
  });

  it("starts other commands without the gateway's flags, and keeps their exit code", async (t) => {
    const bin = install(t, `${report} process.exitCode = 7;`);
    const { child, line } = start(process.execPath, [bin, "status"]);
    assert.deepEqual(JSON.parse(await line).slice(1), [[], ["status"]]);
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    assert.equal(code, 7);
  });

  it("runs the bundle as long as it says what the sources say, whatever their times", async (t) => {
    const bin = install(t, 'console.log("bundle");');
    const started = async () => (await runFile(process.execPath, [bin, "status"])).stdout.trim();
    const root = join(bin, "../..");
    mkdirSync(join(root, "src/cli"), { recursive: true });
    const entry = join(root, "src/cli/index.ts");
    writeFileSync(entry, 'console.log("source");');
    const later = new Date(Date.now() + 60_000);
    utimesSync(entry, later, later);
    assert.equal(await started(), "source");
    const { hashSources } = await import(join(root, "bin/bundle.js"));
    writeFileSync(join(root, "dist/sources.sha256"), hashSources());
    assert.equal(await started(), "bundle");
    writeFileSync(entry, 'console.log("edited");');
    utimesSync(entry, later, later);
    assert.equal(await started(), "edited");
  });

  it("starts the command line of this checkout", async () => {
    const { stdout } = await runFile(process.execPath, [launcher, "--version"]);
    assert.match(stdout, /^\d{4}\.\d{1,2}\.\d+\n$/);
  });

  it("explains itself to an old Node that has no newer one beside it", async (t) => {
    const node = await oldNode();
    if (!node) return t.skip("every Node here is new enough");
    const bin = install(t, report);
    const failure = await runFile(node, [bin, "status"]).catch((error: unknown) => error);
    assert.match(String(failure), /OpenClaw needs Node\.js 24 or newer/);
  });

  it("lets an old Node start the one beside it, and passes signals and exit codes on", async (t) => {
    const node = await oldNode();
    if (!node) return t.skip("every Node here is new enough");
    const bin = install(
      t,
      `process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); ${report}`,
    );
    beside(bin);
    const { child, line } = start(node, [bin, "gateway"]);
    const [pid, execArgv] = JSON.parse(await line);
    assert.notEqual(pid, child.pid);
    assert.ok(execArgv.includes("--max-semi-space-size=2"));
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    assert.equal(code, 9);
  });

  it("leaves nothing behind when it is killed", async (t) => {
    const node = await oldNode();
    if (!node) return t.skip("every Node here is new enough");
    const cli = new URL("../../src/cli/index.ts", import.meta.url).href;
    // The CLI's own entry, kept alive: what it does when its channel closes is what is tested.
    const bin = install(
      t,
      `console.log(process.pid); setInterval(() => {}, 1000); await import(${JSON.stringify(cli)});`,
    );
    beside(bin);
    const { child, line } = start(node, [bin, "--version"]);
    const pid = Number.parseInt(await line, 10);
    child.kill("SIGKILL");
    try {
      // Our end of the pipe closes once nobody holds the other one.
      await once(child, "close", { signal: AbortSignal.timeout(5000) });
    } catch {
      process.kill(pid, "SIGKILL");
      assert.fail("the gateway outlived its launcher");
    }
  });
});

/** Puts the running Node where npm would install the optional package. */
function beside(bin: string): void {
  const folder = join(bin, `../../node_modules/node-${process.platform}-${process.arch}`);
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(
    join(folder, "bin/node"),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=openclaw-source "$@"\n`,
    { mode: 0o755 },
  );
}
