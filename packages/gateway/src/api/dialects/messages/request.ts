import type { CountTokensRequest, MessagesCustomTool, MessagesRequest } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import type { ModelRequest, ToolChoice, ToolSchema } from "../../../runtime/models/types.ts";
import type { ResolvedModel } from "../../../services/models/models.ts";
import type { Translation } from "../dialect.ts";
import { formatOf } from "./format.ts";
import { leftOut } from "./parameters.ts";
import { levelFor } from "./thinking.ts";
import { promptOf } from "./turns.ts";

type Asked = CountTokensRequest & Partial<MessagesRequest>;

/**
 * The request in no provider's dialect, for wires that do not speak this one. A last message of the assistant goes
 * along as it is: other providers take it for the past and begin anew, so that is told in `ignored`.
 */
export function modelRequestOf(body: Asked, model: ResolvedModel): Translation {
  const ignored = leftOut(body, model.id);
  const tools = toolsOf(body.tools, ignored);
  const { messages, thinking } = body;
  const prompt = promptOf(messages, ignored);
  const system = systemOf(body.system);
  if (messages.at(-1)?.role === "assistant") ignored.push("prefill");
  const budget = thinking?.type === "enabled" ? thinking.budget_tokens : undefined;
  return {
    ignored,
    request: {
      messages: system === "" ? prompt : [{ role: "system", content: system }, ...prompt],
      tools: tools.length > 0 ? tools : undefined,
      ...choiceOf(body, tools),
      thinking: levelFor(body, model.levels),
      thinkingBudget: budget,
      temperature: body.temperature ?? undefined,
      topP: body.top_p ?? undefined,
      topK: body.top_k ?? undefined,
      maxTokens: body.max_tokens,
      stop: body.stop_sequences?.length ? body.stop_sequences : undefined,
      responseFormat: formatOf(body),
    },
  };
}

/** The system prompt, its blocks as paragraphs. */
export function systemOf(system: CountTokensRequest["system"]): string {
  if (typeof system === "string") return system;
  return (system ?? []).map((it) => it.text).join("\n\n");
}

/** Whether a tool is the caller's own. The vendor's are known to no other model, and are left out. */
export function isOwnTool(
  tool: NonNullable<CountTokensRequest["tools"]>[number],
): tool is MessagesCustomTool {
  return tool.type === undefined || tool.type === null || tool.type === "custom";
}

function toolsOf(tools: CountTokensRequest["tools"], ignored: string[]): ToolSchema[] {
  return (tools ?? []).flatMap((tool, at) => {
    if (!isOwnTool(tool)) {
      ignored.push(`tools[${at}]`);
      return [];
    }
    const { name, description, input_schema: parameters, strict } = tool;
    return [{ name, description: description ?? "", parameters, strict: strict ?? undefined }];
  });
}

function choiceOf(
  { tool_choice: choice }: Asked,
  tools: readonly ToolSchema[],
): Pick<ModelRequest, "toolChoice" | "parallelToolCalls"> {
  if (!choice) return {};
  if (choice.type === "none") return { toolChoice: "none" };
  const one = choice.disable_parallel_tool_use ? { parallelToolCalls: false } : {};
  return { toolChoice: wantedOf(choice, tools), ...one };
}

function wantedOf(
  choice: Exclude<NonNullable<Asked["tool_choice"]>, { type: "none" }>,
  tools: readonly ToolSchema[],
): ToolChoice {
  if (choice.type === "auto") return "auto";
  if (choice.type === "any") {
    if (tools.length > 0) return "required";
    throw new GatewayError("invalid_request", "There is no tool that this model could call.", {
      param: "tool_choice",
    });
  }
  if (tools.some((it) => it.name === choice.name)) return { name: choice.name };
  throw new GatewayError("invalid_request", "None of the tools that this model can call has this name.", {
    param: "tool_choice.name",
  });
}
