import type { WebConfig } from "openclaw-protocol";
import { openLog } from "../../src/lib/log.ts";
import { createOutbound } from "../../src/lib/net.ts";
import { Secret } from "../../src/lib/secrets.ts";
import { callTool, type ToolOutcome } from "../../src/runtime/tools/call.ts";
import { loadTools } from "../../src/runtime/tools/index.ts";
import type { ToolContext } from "../../src/runtime/tools/types.ts";
import { createWeb, type Web } from "../../src/services/web/web.ts";

/** The web tools over the real web service; pages are those of this machine. */
export interface WebRig {
  web: Web;
  /** Sets the clock, ms. */
  clock: { time: number };
  call(tool: string, args: unknown, signal?: AbortSignal): Promise<ToolOutcome>;
}

export function webRig(
  search: WebConfig["search"] = {},
  env: Record<string, string> = {},
  allowPrivate = ["127.0.0.1"],
): WebRig {
  const clock = { time: 1_000_000 };
  const outbound = createOutbound({ allowPrivate });
  const opened = createWeb({
    config: { search },
    outbound: async () => outbound,
    keyOf(variables) {
      const name = variables.find((it) => env[it] !== undefined);
      return name === undefined ? undefined : new Secret(env[name]!);
    },
    clock: { now: () => clock.time },
    log: openLog("silent").log,
  });
  const web: Web = {
    port: opened.port,
    close() {
      opened.close();
      outbound.close();
    },
  };
  return {
    web,
    clock,
    async call(name, args, signal = AbortSignal.timeout(30_000)) {
      const tools = await loadTools([name]);
      const context = { signal, ports: { web: web.port } } as unknown as ToolContext; // all that these tools look at
      const call = { id: "call_1", name, arguments: JSON.stringify(args) };
      return callTool(tools.get(name), call, context, async () => ({ allowed: true }));
    },
  };
}
