import type { CommandPort } from "../../runtime/tools/ports.ts";
import type { RunScope } from "../run-scope.ts";
import type { Commands } from "./commands.ts";

type OnDemand = Pick<Commands, "bind" | "endSession" | "close">;

/** Commands that are loaded when the first one is to run: most runs have none, and no start needs them. */
export function commandsOnDemand(load: () => Promise<Commands>): OnDemand {
  let loading: Promise<Commands> | undefined;

  function loaded(): Promise<Commands> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined; // the next command tries again
      throw error;
    });
    return loading;
  }

  function portOf(scope: RunScope): CommandPort {
    let bound: CommandPort | undefined;
    const port = async () => (bound ??= (await loaded()).bind(scope));
    return {
      prepare: async (request) => (await port()).prepare(request),
      list: async () => (await port()).list(),
      output: async (processId, options) => (await port()).output(processId, options),
      write: async (processId, text, end) => (await port()).write(processId, text, end),
      kill: async (processId) => (await port()).kill(processId),
    };
  }

  return {
    bind: portOf,
    endSession: async (sessionId) => (await loading)?.endSession(sessionId),
    close: async () => (await loading)?.close(),
  };
}
