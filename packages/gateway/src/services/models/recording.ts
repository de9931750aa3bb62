import type { Usage } from "openclaw-protocol";
import type { ModelEvent } from "../../runtime/models/types.ts";

/** The usage of an answer that nothing was sent for. */
const noUsage: Usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };

const charactersAtMost = 500_000;

/** Notes an answer down as it passes by, to be given again. */
export interface Recording {
  take(event: ModelEvent): void;
  /** The events as JSON, if the answer came to its proper end and calls no tool. */
  whole(): string | undefined;
}

export function createRecording(): Recording {
  let events: ModelEvent[] | undefined = [];
  let characters = 0;
  let ended = false;
  return {
    take(event) {
      if (events === undefined) return;
      if ("delta" in event) characters += event.delta.length;
      const unfit = event.type === "tool.call" || event.type === "tool.delta";
      if (unfit || characters > charactersAtMost) {
        events = undefined;
        return;
      }
      if (event.type === "finish") {
        ended = event.reason === "stop";
        events.push({ ...event, usage: noUsage });
      } else events.push(event);
    },
    whole: () => (events !== undefined && ended ? JSON.stringify(events) : undefined),
  };
}
