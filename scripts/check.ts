import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

interface Step {
  name: string;
  command: string[];
  /** Skipped where this file is not there. */
  needs?: string;
}

const root = new URL("..", import.meta.url).pathname;
const node = [process.execPath, "--conditions=openclaw-source"];

const steps: Step[] = [
  { name: "format and lint", command: ["biome", "ci", "--error-on-warnings", "--colors=off"] },
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "layers", command: [...node, "scripts/check-layers.ts"] },
  { name: "unused code", command: ["knip"] },
  {
    name: "generated files",
    command: [...node, "scripts/generate.ts", "--check"],
    needs: "scripts/generate.ts",
  },
];

const failed: string[] = [];
for (const step of steps) {
  if (step.needs && !existsSync(join(root, step.needs))) continue;
  const start = performance.now();
  const { code, output } = await run(step.command);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? "✔" : "✖"} ${step.name} (${seconds} s)`);
  if (code === 0) continue;
  failed.push(step.name);
  console.log(output.trimEnd());
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

/** Runs a tool of node_modules/.bin to its end and keeps what it says. */
function run([program = "", ...args]: string[]): Promise<{ code: number; output: string }> {
  const PATH = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
