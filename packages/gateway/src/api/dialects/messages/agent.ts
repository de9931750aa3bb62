import type { CountTokensRequest, MessagesRequest } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import type { UserPart } from "../../../runtime/models/types.ts";
import type { AgentTurn } from "../dialect.ts";
import { agentHasTools, cannotHonour } from "../refusals.ts";
import { leftOut } from "./parameters.ts";
import { partsOf } from "./parts.ts";
import { isOwnTool, systemOf } from "./request.ts";
import { levelForAgent } from "./thinking.ts";
import { type Placed, textOf, turnsOf } from "./turns.ts";

type Asked = CountTokensRequest & Partial<MessagesRequest>;

/** Parameters that agents, which have settings of their own, cannot honour. */
const refused = ["stop_sequences", "top_p", "top_k", "output_format"] as const;

/** What is said to an agent. The vendor's own tools are left out like everything else of the vendor's. */
export function agentTurnOf(body: Asked): AgentTurn {
  if (body.tools?.some(isOwnTool)) throw agentHasTools();
  const ignored = leftOut(body, "An agent");
  for (const name of refused) if (body[name] != null) throw cannotHonour(name, "An agent");
  if (body.output_config?.format) throw cannotHonour("output_config.format", "An agent");
  const choice = body.tool_choice?.type ?? "auto";
  if (choice !== "auto") throw cannotHonour("tool_choice", "An agent");
  ignored.push(...(body.tools ?? []).map((_, at) => `tools[${at}]`));
  const turns = turnsOf(body.messages, ignored);
  const system = systemOf(body.system);
  const later = turns.flatMap(({ role, blocks }) => (role === "system" ? [textOf(blocks, "\n\n")] : []));
  return {
    system: system === "" ? later : [system, ...later],
    messages: turns.flatMap(({ role, blocks }) =>
      role === "system" ? [] : [{ role, content: blocks.flatMap(saidOf) }],
    ),
    param: "messages",
    user: body.metadata?.user_id ?? undefined,
    thinking: levelForAgent(body),
    maxTokens: body.max_tokens,
    temperature: body.temperature ?? undefined,
    ignored,
  };
}

function saidOf({ block, param }: Placed): UserPart[] {
  switch (block.type) {
    case "thinking":
    case "redacted_thinking":
      return []; // an agent's thoughts are its own
    case "tool_use":
    case "tool_result":
      throw new GatewayError("invalid_request", "Calls and results of tools cannot be said to an agent.", {
        param,
      });
    default:
      return partsOf(block, param);
  }
}
