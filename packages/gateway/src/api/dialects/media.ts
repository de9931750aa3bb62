import { GatewayError } from "../../lib/errors.ts";
import type { Outbound } from "../../lib/net.ts";
import type { ModelRequest, PromptMessage, UserPart } from "../../runtime/models/types.ts";

/** Most bytes of one picture or file, and how many of them a request may have. */
const mostBytes = 10 * 1024 * 1024;
const mostFiles = 20;
const mostRedirects = 3;

type Request = Omit<ModelRequest, "model">;

/** The request with what it names by address fetched: not every provider fetches, and none can be told where not to. */
export type FetchMedia = (request: Request, options: { signal: AbortSignal }) => Promise<Request>;

/** `outbound` is the guard: private addresses are refused with the name of the part that leads there. */
export function createFetchMedia(outbound: () => Promise<Outbound>): FetchMedia {
  return async (request, options) => {
    const remote = request.messages.flatMap((it) => partsOf(it).filter(isRemote));
    if (remote.length === 0) return request;
    if (remote.length > mostFiles) {
      throw new GatewayError("invalid_request", `At most ${mostFiles} files can be given by address.`, {
        param: remote[mostFiles]?.param,
      });
    }
    const guard = await outbound();
    const fetched = new Map<UserPart, UserPart>();
    await Promise.all(
      remote.map(async (part) => void fetched.set(part, await fetchPart(part, guard, options.signal))),
    );
    const replaced = (parts: UserPart[]) => parts.map((it) => fetched.get(it) ?? it);
    return {
      ...request,
      messages: request.messages.map((it): PromptMessage => {
        if (it.role === "user") return { ...it, content: replaced(it.content) };
        return it.role === "tool" && it.media ? { ...it, media: replaced(it.media) } : it;
      }),
    };
  };
}

type Remote = Exclude<UserPart, { type: "text" }> & { url: string };

function partsOf(message: PromptMessage): UserPart[] {
  if (message.role === "user") return message.content;
  return message.role === "tool" ? (message.media ?? []) : [];
}

function isRemote(part: UserPart): part is Remote {
  return part.type !== "text" && part.url !== undefined;
}

async function fetchPart(part: Remote, outbound: Outbound, signal: AbortSignal): Promise<UserPart> {
  const { url, ...rest } = part;
  const at = part.param === undefined ? {} : { param: part.param };
  const answer = await outbound
    .request(url, { signal, maxBytes: mostBytes, redirects: mostRedirects, headers: { accept: "*/*" } })
    .catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error;
      // That the address cannot be read is the request's fault, not the model's.
      const code = error.code === "upstream_error" ? "invalid_request" : error.code;
      throw new GatewayError(code, error.message, { ...at, cause: error });
    });
  if (answer.status !== 200) {
    throw new GatewayError("invalid_request", `The address answered ${answer.status}. Check it.`, at);
  }
  if (answer.truncated) {
    throw new GatewayError("invalid_request", `What is there is over ${mostBytes} bytes. Send less.`, at);
  }
  const mimeType = sniffed(answer.body) ?? essence(answer.headers["content-type"]) ?? part.mimeType;
  if (part.type === "image" && !mimeType?.startsWith("image/")) {
    throw new GatewayError("invalid_request", "There is no picture at this address.", at);
  }
  return { ...rest, ...(mimeType && { mimeType }), data: answer.body.toString("base64") };
}

/** What the first bytes say; a server's word for a picture is often wrong. */
function sniffed(bytes: Buffer): string | undefined {
  const head = bytes.toString("latin1", 0, 12);
  if (head.startsWith("\x89PNG")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  return head.startsWith("%PDF-") ? "application/pdf" : undefined;
}

function essence(contentType: string | undefined): string | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  return type || undefined;
}
