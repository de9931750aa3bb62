import { mkdir, stat } from "node:fs/promises";
import { GatewayError } from "../../lib/errors.ts";
import { contain, type Fence, quoted } from "../../lib/paths.ts";
import type { CommandRequest } from "../../runtime/tools/ports.ts";

/** Where a command runs. */
export interface Workplace {
  readonly fence: Fence;
  /** Both real. */
  readonly workspace: string;
  readonly cwd: string;
  /** By what to know the folder again. */
  readonly identity: string;
}

/** Finds the folder that a command is to run in. Throws a `GatewayError` unless it is one of the workspace. */
export async function findWorkplace(workspace: string, stateDir: string, cwd = "."): Promise<Workplace> {
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  const fence: Fence = { root: workspace, closed: [stateDir] };
  const root = await contain(fence, ".");
  const place = await contain(fence, cwd);
  const stats = await stat(place.path, { bigint: true }).catch(() => undefined);
  if (!stats?.isDirectory()) {
    throw new GatewayError("not_found", `There is no folder ${quoted(cwd)} in the workspace.`, {
      param: "cwd",
    });
  }
  return { fence, workspace: root.path, cwd: place.path, identity: `${stats.dev}:${stats.ino}` };
}

/** Throws `conflict` unless the same request still leads to the same folder. */
export async function verifyWorkplace(place: Workplace, stateDir: string, cwd?: string): Promise<void> {
  const now = await findWorkplace(place.fence.root, stateDir, cwd);
  if (now.cwd === place.cwd && now.identity === place.identity && now.workspace === place.workspace) return;
  throw new GatewayError(
    "conflict",
    "The folder was changed after the command had been looked at, so it was not run. Look at it and call again.",
    { param: "cwd" },
  );
}

const mostWords = 2_000;
/** Linux takes no single word of more than 128 KiB. */
const longestWord = 100_000;
const longestWords = 500_000;
const longestInput = 1_000_000;

/** Throws `invalid_request` for what no system can run, or nobody should look through. */
export function checkRequest({ argv, stdin = "" }: CommandRequest): void {
  const wrong = (what: string) => new GatewayError("invalid_request", what, { param: "argv" });
  if (argv.length === 0 || argv[0] === "") throw wrong("argv is empty: its first word is the program.");
  if (argv.some((word) => word.includes("\0"))) throw wrong("argv contains a NUL character.");
  const length = argv.reduce((sum, word) => sum + word.length, 0);
  if (argv.length > mostWords || length > longestWords || argv.some((word) => word.length > longestWord)) {
    throw wrong("argv is too long. Write what is long to a file, or give it as stdin.");
  }
  if (stdin.length > longestInput) {
    throw new GatewayError(
      "invalid_request",
      `stdin is longer than ${longestInput} characters. Use a file.`,
      {
        param: "stdin",
      },
    );
  }
}
