import { GatewayError } from "../../../lib/errors.ts";
import type { UserPart } from "../../../runtime/models/types.ts";
import { mediaOf } from "../media-url.ts";

interface Part {
  type: string;
  [field: string]: unknown;
}

/** The text of a content, its other parts left out. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: Part | null) => String(part?.text ?? part?.refusal ?? "")).join("");
}

/** What a message or a tool's output is made of. */
export function partsOf(content: string | readonly Part[], param: string): UserPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((part, index) => partOf(part, `${param}[${index}]`));
}

function partOf(part: Part, param: string): UserPart {
  const field = (name: string): string | undefined => {
    const value = part[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  switch (part.type) {
    case "input_text":
    case "output_text":
    case "text":
    case "summary_text":
    case "reasoning_text":
      if (typeof part.text !== "string") throw missing(`${param}.text`);
      return { type: "text", text: part.text };
    case "refusal":
      return { type: "text", text: field("refusal") ?? "" };
    case "input_image": {
      const url = field("image_url");
      if (url !== undefined) return { type: "image", ...mediaOf(url, `${param}.image_url`) };
      throw field("file_id") ? noFiles(`${param}.file_id`) : missing(`${param}.image_url`);
    }
    case "input_file": {
      const name = field("filename");
      const named = name === undefined ? {} : { name };
      const url = field("file_url");
      if (url !== undefined) return { type: "file", ...named, ...mediaOf(url, `${param}.file_url`) };
      const data = field("file_data");
      if (data === undefined)
        throw field("file_id") ? noFiles(`${param}.file_id`) : missing(`${param}.file_data`);
      const at = `${param}.file_data`;
      return { type: "file", ...named, ...(/^data:/i.test(data) ? mediaOf(data, at) : { data, param: at }) };
    }
    case "input_audio": {
      const { data, format } = (part.input_audio ?? {}) as { data?: unknown; format?: unknown }; // checked here
      if (typeof data !== "string" || typeof format !== "string") throw missing(`${param}.input_audio`);
      return { type: "file", mimeType: `audio/${format === "mp3" ? "mpeg" : format}`, data, param };
    }
    default:
      throw new GatewayError("invalid_request", `Parts of type "${part.type}" are not understood here.`, {
        param: `${param}.type`,
      });
  }
}

function missing(param: string): GatewayError {
  return new GatewayError("invalid_request", `${param} is required.`, { param });
}

function noFiles(param: string): GatewayError {
  return new GatewayError("invalid_request", "The gateway keeps no files. Send the bytes or an address.", {
    param,
  });
}
