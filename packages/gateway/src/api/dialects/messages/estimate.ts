import { sizeOf } from "../../../services/models/call-size.ts";

/** About how many tokens a body comes to, where its model's provider does not count. */
export function estimateOf(body: { system?: unknown; messages?: unknown; tools?: unknown }): number {
  return sizeOf([body.system ?? "", body.messages, body.tools ?? []], 0).promptTokens;
}
