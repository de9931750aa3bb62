import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context, Output } from "./context.ts";
import { UsageError } from "./exit-codes.ts";
import { bytes as sizeText } from "./table.ts";

/** Where a command's file goes: `output` as it was given (`-`: to stdout), else `name` in the current folder. */
export interface Destination {
  readonly output: string | undefined;
  readonly name: string;
}

/**
 * Writes bytes where they are wanted, and says where that is; undefined where they went to stdout. A file that is there
 * already is only replaced if it was named.
 */
export async function writeOutput(
  context: Context,
  { output, name }: Destination,
  content: Uint8Array | ReadableStream<Uint8Array>,
  facts: Record<string, unknown> = {},
): Promise<Output | undefined> {
  const isStream = !(content instanceof Uint8Array);
  if (output === "-") {
    if (context.options.json) throw new UsageError("--json and --output - both want stdout. Choose one.");
    if (!isStream) context.terminal.stdout.write(content);
    else for await (const piece of content) context.terminal.stdout.write(piece);
    return undefined;
  }
  const path = output ?? name;
  const how = { flag: output === undefined ? "wx" : "w", signal: context.signal };
  let size = 0;
  try {
    if (isStream) {
      const file = createWriteStream(path, { flags: how.flag });
      await pipeline(Readable.from(content), file, { signal: context.signal });
      size = file.bytesWritten;
    } else {
      await writeFile(path, content, how);
      size = content.byteLength;
    }
  } catch (error) {
    throw refused(path, error) ?? error;
  }
  return { data: { path, bytes: size, ...facts }, text: `${path} (${sizeText(size)})` };
}

/** The system's refusal in a sentence; undefined: it was something else. */
function refused(path: string, error: unknown): UsageError | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return new UsageError(
    error.code === "EEXIST"
      ? `${path} is there already. Name another file, or the same to replace it, by --output.`
      : `${path} cannot be written (${error.code}). Check --output.`,
  );
}
