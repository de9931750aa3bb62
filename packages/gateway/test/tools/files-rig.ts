import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { callTool } from "../../src/runtime/tools/call.ts";
import { loadTools } from "../../src/runtime/tools/index.ts";
import type { PreparedCall } from "../../src/runtime/tools/types.ts";
import { bareContext } from "../runtime/scripted-loop.ts";

export interface FilesRig {
  /** A folder around the workspace, with what must stay out of reach. */
  outside: string;
  workspace: string;
  /** What the model gets of a call; the text of the error where it is one. */
  call(
    tool: string,
    args: unknown,
    options?: CallOptions,
  ): Promise<{ error?: string } & Record<string, unknown>>;
  /** The call as whoever decides sees it; undefined where it came to no decision. */
  asked(tool: string, args: unknown): Promise<PreparedCall | undefined>;
}

interface CallOptions {
  signal?: AbortSignal;
  /** Happens after the call was worked out and before it runs. */
  meanwhile?(): Promise<unknown>;
}

/** File tools on a workspace of their own; `closed` and `root` are relative to the folder around it. */
export async function filesRig(
  t: TestContext,
  { closed = [], root = "workspace" }: { closed?: string[]; root?: string } = {},
): Promise<FilesRig> {
  const outside = await realpath(await mkdtemp(join(tmpdir(), "openclaw-files-")));
  t.after(() => rm(outside, { recursive: true, force: true }));
  const workspace = join(outside, root);
  await mkdir(workspace, { recursive: true });
  const tools = await loadTools(["read", "write", "edit", "apply_patch", "list", "search"]);
  const files = { root: workspace, closed: closed.map((it) => join(outside, it)) };

  async function run(
    name: string,
    args: unknown,
    options: CallOptions,
    onAsked: (call: PreparedCall) => boolean,
  ) {
    const context = bareContext({ files, ...(options.signal && { signal: options.signal }) });
    const call = { id: "call", name, arguments: JSON.stringify(args) };
    return callTool(tools.get(name), call, context, async ({ prepared }) => {
      await options.meanwhile?.();
      return onAsked(prepared) ? { allowed: true } : { allowed: false, reason: "no" };
    });
  }

  return {
    outside,
    workspace,
    async call(name, args, options = {}) {
      const { result } = await run(name, args, options, () => true);
      return result as { error?: string } & Record<string, unknown>; // file tools return objects
    },
    async asked(name, args) {
      let seen: PreparedCall | undefined;
      await run(name, args, {}, (prepared) => {
        seen = prepared;
        return false;
      });
      return seen;
    },
  };
}
