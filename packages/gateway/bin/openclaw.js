#!/usr/bin/env node
// Starts OpenClaw under Node 24: in this very process where it can, else by the Node that npm installed beside it.
// Plain JavaScript that Node 18 can still read, so that an old Node gets a sentence and not a syntax error.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const wantedMajor = 24;

/** A small young generation keeps the gateway's memory low under load, at no cost in time. */
const gatewayFlags = ["--max-semi-space-size=2"];

const bundle = fileURLToPath(new URL("../dist/index.js", import.meta.url));
const source = fileURLToPath(new URL("../src/cli/index.ts", import.meta.url));

const args = process.argv.slice(2);
const entry = chooseEntry();
const flags = [
  ...(args.some((arg) => arg === "gateway" || arg === "g") ? gatewayFlags : []),
  ...(entry === source ? ["--conditions=openclaw-source"] : []),
];

if (Number.parseInt(process.versions.node, 10) < wantedMajor) {
  startUnder(installedNode());
} else if (flags.every((flag) => process.execArgv.includes(flag))) {
  await import(entry);
} else if (typeof process.execve === "function") {
  process.execve(process.execPath, [process.execPath, ...flags, fileURLToPath(import.meta.url), ...args]);
} else {
  startUnder(process.execPath);
}

/** The bundle, unless a checkout has sources that are newer. */
function chooseEntry() {
  if (!existsSync(source)) return bundle;
  if (!existsSync(bundle)) return source;
  const built = statSync(bundle).mtimeMs;
  const trees = ["../src", "../../protocol/src", "../../client/src"];
  return trees.some((tree) => hasNewer(fileURLToPath(new URL(tree, import.meta.url)), built))
    ? source
    : bundle;
}

function hasNewer(folder, time) {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true }).some((item) => {
    const path = `${folder}/${item.name}`;
    return item.isDirectory() ? hasNewer(path, time) : statSync(path).mtimeMs > time;
  });
}

/** The Node of the optional package for this machine. */
function installedNode() {
  const require = createRequire(import.meta.url);
  try {
    return require.resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch {
    console.error(
      `OpenClaw needs Node.js ${wantedMajor} or newer; this is ${process.versions.node}. ` +
        "Install it from https://nodejs.org and start OpenClaw again.",
    );
    process.exit(1);
  }
}

/**
 * Runs the entry under another Node and ends as it ends. The open channel between the two lets the child notice
 * when this process is killed.
 */
function startUnder(node) {
  const child = spawn(node, [...flags, entry, ...args], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  const forward = (signal) => child.kill(signal);
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => {
    console.error(`OpenClaw could not start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    for (const name of signals) process.removeListener(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}
