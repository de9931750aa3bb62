import type { ChannelPort } from "../../runtime/tools/ports.ts";
import type { RunScope } from "../run-scope.ts";
import { callerNamed } from "../runs/rights.ts";
import type { Channels } from "./channels.ts";

/** The channels as a run uses them. */
export function createChannelPort(channels: Pick<Channels, "send">): (scope: RunScope) => ChannelPort {
  return (scope) => ({
    send: ({ channel, to, text }, { signal }) =>
      channels.send(
        { channelId: channel, to, text },
        { caller: callerNamed(scope.caller.id, scope.caller.scopes, undefined), signal },
      ),
  });
}
