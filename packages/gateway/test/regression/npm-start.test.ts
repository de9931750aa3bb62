import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

test("SIGTERM to npm start reaches the gateway: npm passes it to its shell, which must not stay between", async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-npm-"));
  const npm = spawn("npm", ["start"], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, HOME: stateDir, OPENCLAW_STATE_DIR: stateDir, OPENCLAW_GATEWAY_PORT: "0" },
  });
  let text = "";
  npm.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  let pid = 0;
  t.after(() => {
    if (pid !== 0 && isRunning(pid)) process.kill(pid, "SIGKILL");
    npm.kill("SIGKILL");
    rmSync(stateDir, { recursive: true, force: true });
  });
  await until(() => text.includes("is ready at"), "the gateway is ready");
  pid = Number(await readFile(join(stateDir, "gateway.pid"), "utf8"));
  npm.kill("SIGTERM");
  await until(() => !isRunning(pid), "the gateway has ended");
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
