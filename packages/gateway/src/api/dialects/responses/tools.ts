import type { ResponseRequest } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import type { ToolChoice, ToolSchema } from "../../../runtime/models/types.ts";

type Tools = NonNullable<ResponseRequest["tools"]>;

/** What a model may call, and what of it was left out: tools that a vendor runs itself. */
export interface Offered {
  tools: ToolSchema[] | undefined;
  choice: ToolChoice | undefined;
  ignored: string[];
}

/** A tool that takes free text is a function of one text to models that know no other kind. */
const freeText = {
  type: "object",
  properties: { input: { type: "string", description: "The whole input, as it is" } },
  required: ["input"],
  additionalProperties: false,
};

export function offeredOf({ tools, tool_choice: choice }: ResponseRequest): Offered {
  const ignored: string[] = [];
  const known = (tools ?? []).flatMap((tool, index) => {
    const made = toolOf(tool, `tools[${index}]`);
    if (!made) ignored.push(`tools[${index}].${tool.type}`);
    return made ? [made] : [];
  });
  const offered = (list: ToolSchema[], wish: ToolChoice | undefined): Offered => ({
    tools: list.length > 0 ? list : undefined,
    choice: list.length > 0 ? wish : undefined,
    ignored,
  });
  if (choice === null || choice === undefined || typeof choice === "string") {
    return offered(known, choice ?? undefined);
  }
  switch (choice.type) {
    case "function":
    case "custom": {
      const { name } = choice;
      if (name !== undefined && known.some((it) => it.name === name)) return offered(known, { name });
      throw new GatewayError("invalid_request", "The chosen tool is not among the tools.", {
        param: "tool_choice.name",
      });
    }
    case "allowed_tools": {
      const names = new Set((choice.tools ?? []).map((it) => it.name));
      return offered(
        known.filter((it) => names.has(it.name)),
        choice.mode ?? "auto",
      );
    }
    default:
      ignored.push(`tool_choice.${choice.type}`);
      return offered(known, undefined);
  }
}

/** The names of the tools that take free text. */
export function freeTextTools(tools: unknown): ReadonlySet<string> {
  const list = (Array.isArray(tools) ? tools : []) as Tools; // judged by `offeredOf`
  return new Set(list.flatMap((it) => (it.type === "custom" && it.name !== undefined ? [it.name] : [])));
}

function toolOf(tool: Tools[number], at: string): ToolSchema | undefined {
  if (tool.type !== "function" && tool.type !== "custom") return undefined;
  const { name, description, parameters, strict } = tool as {
    name?: string;
    description?: unknown;
    parameters?: unknown;
    strict?: unknown;
  }; // looked at below
  if (!name) throw new GatewayError("invalid_request", `${at}.name is required.`, { param: `${at}.name` });
  const about = typeof description === "string" ? description : "";
  if (tool.type === "custom") return { name, description: about, parameters: freeText };
  if (
    parameters !== null &&
    parameters !== undefined &&
    (typeof parameters !== "object" || Array.isArray(parameters))
  ) {
    throw new GatewayError("invalid_request", `${at}.parameters must be a JSON Schema.`, {
      param: `${at}.parameters`,
    });
  }
  return {
    name,
    description: about,
    parameters: (parameters ?? { type: "object", properties: {} }) as Record<string, unknown>, // just checked
    strict: typeof strict === "boolean" ? strict : undefined,
  };
}
