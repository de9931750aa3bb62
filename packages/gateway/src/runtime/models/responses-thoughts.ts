import { packThought } from "./responses-opaque.ts";
import type { ModelEvent } from "./types.ts";

type Json = Record<string, unknown>;

/** The thoughts of one answer: each part of one is a block, told with a blank line before the next. */
export interface ThoughtReader {
  /** `part` tells the parts of a thought apart. */
  delta(itemId: unknown, part: unknown, delta: unknown, events: ModelEvent[]): void;
  done(item: Json, events: ModelEvent[]): void;
  /** Ends a thought that no event has ended. */
  end(events: ModelEvent[]): void;
}

interface OpenThought {
  itemId: string | undefined;
  part: unknown;
  text: string;
}

export function createThoughtReader(): ThoughtReader {
  let open: OpenThought | undefined;
  let told: unknown; // the id of the last thought that came in deltas

  const end = (encrypted: string | undefined, events: ModelEvent[]): void => {
    if (open === undefined) return;
    const { itemId, text } = open;
    open = undefined;
    if (text === "" && encrypted === undefined) return;
    events.push({ type: "reasoning", block: { text, opaque: packThought({ itemId, encrypted }) } });
  };

  const reader: ThoughtReader = {
    delta(itemId, part, delta, events) {
      if (typeof delta !== "string" || delta === "") return;
      const id = typeof itemId === "string" ? itemId : undefined;
      if (open && (open.part !== part || open.itemId !== id)) {
        events.push({ type: "thinking", delta: "\n\n" });
        end(undefined, events);
      }
      open ??= { itemId: id, part, text: "" };
      told = itemId;
      open.text += delta;
      events.push({ type: "thinking", delta });
    },
    done(item, events) {
      const encrypted = filled(item.encrypted_content);
      if (told === undefined || told !== item.id) {
        const parts = [...textsIn(item.summary), ...textsIn(item.content)];
        parts.forEach((text, index) => {
          reader.delta(item.id, index, text, events);
        });
      }
      told = undefined;
      open ??= { itemId: filled(item.id), part: "", text: "" };
      end(encrypted, events);
    },
    end: (events) => end(undefined, events),
  };
  return reader;
}

function textsIn(parts: unknown): unknown[] {
  return Array.isArray(parts) ? parts.map((it: Json | null) => it?.text) : [];
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
