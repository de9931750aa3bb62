import type { ModelToolCall } from "../../../runtime/models/types.ts";
import type { Json } from "../dialect.ts";
import { signatureOf } from "./signature.ts";

/** A block of an answer as it grows. `sent` counts the characters that are out already. */
interface Growing {
  content: string;
  sent: number;
  started: boolean;
  /** Nothing will be added to it any more. */
  done: boolean;
}

interface TextBlock extends Growing {
  type: "text";
}

interface ThinkingBlock extends Growing {
  type: "thinking";
  opaque?: unknown;
  /** How much of the content was told beyond the thought itself. */
  extra?: number;
  /** What calls carry that follow it. */
  calls?: Record<string, unknown>;
}

/** `content` is its arguments. */
interface CallBlock extends Growing {
  type: "tool_use";
  id: string;
  name: string;
  index: number;
  /** Pieces of arguments so far. */
  pieces: number;
}

type Block = TextBlock | ThinkingBlock | CallBlock;

/**
 * The blocks of one answer. In the stream one is open at a time: what comes for a later one waits until the earlier
 * ones are closed. A call begins with its second piece, or when it is whole: what it carries for its provider, which
 * is known at its end, can then stand in a thinking block before it, where the providers send calls in one piece.
 */
export interface Blocks {
  text(delta: string): void;
  thinking(delta: string): void;
  /** The thought has ended; its text, for those that came in no pieces. */
  thought(text: string, opaque: unknown): void;
  /** A piece of a call's arguments. */
  piece(call: { index: number; id: string; name: string }, delta: string): void;
  call(index: number, call: ModelToolCall): void;
  /** Closes whatever is open. */
  end(): void;
  /** The events since it was last asked. */
  events(): Json[];
  whole(): Json[];
}

/** `shows` tells whether thoughts are shown, or only what they carry. */
export function createBlocks(shows: boolean): Blocks {
  const blocks: Block[] = [];
  let at = 0;
  let ended = false;

  const growing = (content = "") => ({ content, sent: 0, started: false, done: false });
  const last = () => blocks.at(-1);
  const add = <B extends Block>(block: B): B => {
    const before = last();
    if (before && before.type !== "tool_use") before.done = true;
    blocks.push(block);
    return block;
  };
  const openOf = (type: "text" | "thinking"): Block => {
    const it = last();
    return it?.type === type && !it.done ? it : add({ type, ...growing() });
  };
  const callOf = ({ index, id, name }: { index: number; id: string; name: string }): CallBlock =>
    blocks.find((it): it is CallBlock => it.type === "tool_use" && it.index === index) ??
    add({ type: "tool_use", id, name, index, pieces: 0, ...growing() });

  function carry(call: CallBlock, opaque: unknown): void {
    const place = blocks.indexOf(call);
    const before = blocks[place - 1];
    if (before?.type === "thinking" && place - 1 >= at) {
      before.calls = { ...before.calls, [call.id]: opaque };
      return;
    }
    const carrier: ThinkingBlock = {
      type: "thinking",
      ...growing(),
      done: true,
      calls: { [call.id]: opaque },
    };
    blocks.splice(call.started ? place + 1 : place, 0, carrier);
  }

  /** What a call carries may still come into the thought before it. */
  const mayCarryMore = () => !ended && (at + 1 === blocks.length || isHeld(blocks[at + 1]));

  return {
    text(delta) {
      openOf("text").content += delta;
    },
    thinking(delta) {
      openOf("thinking").content += delta;
    },
    thought(text, opaque) {
      const open = last();
      const isOpen = open?.type === "thinking" && !open.done;
      // A text's own signature is worth no block: clients take the last one for the answer.
      if (!isOpen && text === "" && (opaque === undefined || open?.type === "text")) return;
      const block = isOpen ? open : add<ThinkingBlock>({ type: "thinking", ...growing(text), done: true });
      block.opaque = opaque;
      if (block.content.length > text.length && block.content.startsWith(text)) {
        block.extra = block.content.length - text.length;
      }
      block.done = true;
    },
    piece(call, delta) {
      const block = callOf(call);
      if (delta === "") return;
      block.content += delta;
      block.pieces += 1;
    },
    call(index, { id, name, arguments: written, opaque }) {
      const block = callOf({ index, id, name });
      if (!block.started) block.content = JSON.stringify(inputOf(written));
      block.done = true;
      if (opaque !== undefined) carry(block, opaque);
    },
    end() {
      ended = true;
      for (const block of blocks) block.done = true;
    },
    events() {
      const events: Json[] = [];
      for (let block = blocks[at]; block !== undefined; block = blocks[at]) {
        if (isHeld(block)) break;
        grow(block, at, shows, events);
        if (!block.done || (block.type === "thinking" && mayCarryMore())) break;
        close(block, at, events);
        at += 1;
      }
      return events;
    },
    whole: () => blocks.map((it) => wholeOf(it, shows)),
  };
}

function isHeld(block: Block | undefined): boolean {
  return block?.type === "tool_use" && !block.done && block.pieces < 2;
}

function grow(block: Block, index: number, shows: boolean, events: Json[]): void {
  if (!block.started) {
    block.started = true;
    events.push({ type: "content_block_start", index, content_block: emptyOf(block) });
  }
  const delta = block.content.slice(block.sent);
  if (delta === "") return;
  block.sent = block.content.length;
  if (block.type === "text") events.push(deltaOf(index, { type: "text_delta", text: delta }));
  else if (block.type === "tool_use")
    events.push(deltaOf(index, { type: "input_json_delta", partial_json: delta }));
  else if (shows) events.push(deltaOf(index, { type: "thinking_delta", thinking: delta }));
}

function close(block: Block, index: number, events: Json[]): void {
  if (block.type === "thinking") {
    events.push(deltaOf(index, { type: "signature_delta", signature: signatureOf(block) }));
  }
  events.push({ type: "content_block_stop", index });
}

function deltaOf(index: number, delta: Json): Json {
  return { type: "content_block_delta", index, delta };
}

function emptyOf(block: Block): Json {
  switch (block.type) {
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "tool_use":
      return { type: "tool_use", id: block.id, name: block.name, input: {}, caller: { type: "direct" } };
  }
}

/** Every thought has a signature, even one that carries nothing: clients send back only what is signed. */
function wholeOf(block: Block, shows: boolean): Json {
  switch (block.type) {
    case "text":
      return { ...emptyOf(block), text: block.content };
    case "thinking":
      return { type: "thinking", thinking: shows ? block.content : "", signature: signatureOf(block) };
    case "tool_use":
      return { ...emptyOf(block), input: inputOf(block.content) };
  }
}

/** Arguments as an object, which they have to be here. */
function inputOf(written: string): Json {
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json; // just checked
  } catch {
    // The model wrote what is no JSON.
  }
  return {};
}
