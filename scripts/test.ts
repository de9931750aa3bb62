import { spawn } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isBundleFresh } from "../packages/gateway/bin/bundle.js";

const root = new URL("..", import.meta.url).pathname;
const everywhere = [
  "packages/*/test/**/*.test.ts",
  "scripts/*.test.ts",
  "bench/*.test.ts",
  "examples/*.test.ts",
];

/** What of a developer's environment could change a result: keys, addresses, settings of a running gateway. */
const personal =
  /^(OPENCLAW_.*|.*_API_KEY|.*_BASE_URL|.*_TOKEN|NODE_OPTIONS|NODE_TEST_CONTEXT|NO_COLOR|FORCE_COLOR)$/;

const args = process.argv.slice(2);
const long = args.includes("--long");
const files = args.filter((arg) => arg.endsWith(".ts"));
const flags = args.filter((arg) => arg !== "--long" && arg !== "--sources" && !files.includes(arg));

/** A gateway starts from its bundle in a third of the time that the sources take, so where both are the same, from the bundle. */
const bundled = !args.includes("--sources") && isBundleFresh();
console.log(`Gateways run from ${bundled ? "the bundle" : "the sources"}.`);

const home = mkdtempSync(join(tmpdir(), "openclaw-test-"));
const child = spawn(
  process.execPath,
  [
    "--conditions=openclaw-source",
    "--test",
    "--test-reporter=spec",
    "--test-concurrency=3", // many wait more than they work
    `--test-timeout=${(long ? 60 : 2) * 60_000}`, // a test that hangs is a test that fails
    ...flags,
    ...(files.length > 0 ? files : globSync(everywhere, { cwd: root }).sort()),
  ],
  { cwd: root, stdio: "inherit", env: environment(home) },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("close", (code) => {
  rmSync(home, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});

/**
 * The caller's environment without what is personal, and with a home of its own. There the test processes keep what they
 * compiled for the next ones (https://nodejs.org/api/module.html#module-compile-cache).
 */
function environment(home: string): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !personal.test(name)));
  return {
    ...clean,
    HOME: home,
    NODE_COMPILE_CACHE: join(home, "compile-cache"),
    ...(long && { OPENCLAW_TEST_LONG: "1" }),
    ...(bundled && { OPENCLAW_TEST_DIST: "1" }),
  };
}
