#!/usr/bin/env node
// Starts OpenClaw under Node 24: in this very process where it can, else by the Node that npm installed beside it.
// Plain JavaScript that Node 18 can still read, so that an old Node gets a sentence and not a syntax error.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { bundle, isBundleFresh, source } from "./bundle.js";

const wantedMajor = 24;

/**
 * Keep the gateway's memory low under load, at no cost in time that can be measured (`npm run bench`): a small young
 * generation, and an old one that is collected when it has grown by half instead of several times.
 */
const gatewayFlags = ["--max-semi-space-size=2", "--heap-growing-percent=50"];

const args = process.argv.slice(2);
const entry = isBundleFresh() ? bundle : source;
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
