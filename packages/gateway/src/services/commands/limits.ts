import { release } from "node:os";
import type { CodeExecutionConfig } from "openclaw-protocol";

/** What a command in the sandbox may use. */
export interface Limits {
  readonly memoryBytes: number;
  /** Cores. */
  readonly cpus: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Longest time of a command, ms. */
  readonly timeoutMs: number;
}

const mostProcesses = 256;

export function limitsOf({ sandbox }: CodeExecutionConfig): Limits {
  return {
    memoryBytes: bytesOf(sandbox.memoryLimit),
    cpus: Math.max(0.1, Number(sandbox.cpuLimit)),
    processes: mostProcesses,
    timeoutMs: sandbox.timeout,
  };
}

/** `512m` as bytes. */
function bytesOf(text: string): number {
  const unit = { k: 1_024, m: 1_024 ** 2, g: 1_024 ** 3 }[text.slice(-1).toLowerCase()];
  return Number.parseInt(text, 10) * (unit ?? 1);
}

/**
 * A command that limits itself and then becomes the one it is given. Memory is what a process writes to, not the
 * address space: Node and Go reserve far more of that than they use. Time is that of all its cores together.
 */
export function limited(argv: readonly string[], limits: Limits, kernel: string = release()): string[] {
  return [
    ...["/bin/sh", "-c", script, "sh"],
    String(Math.max(1, Math.floor(limits.memoryBytes / 1_024))),
    String(Math.max(1, Math.ceil((limits.timeoutMs / 1_000) * limits.cpus))),
    countsByNamespace(kernel) ? String(limits.processes) : "any",
    ...argv,
  ];
}

/** dash and busybox say `-p` for processes, bash says `-u`. What cannot be set leaves the command unrun. */
const script = [
  'ulimit -c 0 && ulimit -d "$1" && ulimit -t "$2" || exit 126',
  'if [ "$3" = any ]; then :; elif (ulimit -u "$3") 2>/dev/null; then ulimit -u "$3"; else ulimit -p "$3"; fi || exit 126',
  "shift 3",
  'exec "$@"',
].join("\n");

/** Before Linux 5.14 the limit counts all that its user runs on the machine, so that a busy desktop could start nothing. */
function countsByNamespace(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}
