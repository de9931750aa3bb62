import { packCall } from "./responses-opaque.ts";
import { isWrapper, unwrapped } from "./responses-parallel.ts";
import type { ModelEvent, ToolSchema } from "./types.ts";

type Json = Record<string, unknown>;

/** The function calls of one answer, from the first word to the whole call. */
export interface CallReader {
  readonly count: number;
  begin(place: unknown, item: Json, events: ModelEvent[]): void;
  delta(place: unknown, delta: unknown, events: ModelEvent[]): void;
  /** All arguments at once, perhaps after their deltas. */
  written(place: unknown, text: unknown, events: ModelEvent[]): void;
  done(place: unknown, item: Json, events: ModelEvent[]): void;
  /** Completes the calls that no event has completed. */
  end(events: ModelEvent[]): void;
}

interface OpenCall {
  id: string;
  name: string;
  /** -1 while nothing has been told of it. */
  index: number;
  arguments: string;
  item: Json;
}

export function createCallReader(tools: readonly ToolSchema[]): CallReader {
  const open = new Map<unknown, OpenCall>();
  let count = 0;

  const add = (call: OpenCall, delta: string, events: ModelEvent[]): void => {
    call.arguments += delta;
    if (call.index >= 0)
      events.push({ type: "tool.delta", index: call.index, id: call.id, name: call.name, delta });
  };

  const start = (place: unknown, item: Json, events: ModelEvent[]): OpenCall => {
    const name = String(item.name ?? "");
    const id = filled(item.call_id) ?? filled(item.id) ?? `call_${count}`;
    const call: OpenCall = { id, name, index: -1, arguments: "", item };
    open.set(place, call);
    if (isWrapper(name, tools)) return call; // until it is whole nobody knows whether it is several
    call.index = count++;
    add(call, "", events);
    return call;
  };

  const finish = (call: OpenCall, events: ModelEvent[]): void => {
    const { id, name, item, arguments: written } = call;
    if (call.index < 0) {
      const calls = unwrapped(id, written, tools);
      if (calls) {
        for (const inner of calls) {
          const index = count++;
          events.push({ type: "tool.delta", index, id: inner.id, name: inner.name, delta: inner.arguments });
          events.push({ type: "tool.call", index, call: inner });
        }
        return;
      }
      call.index = count++;
      events.push({ type: "tool.delta", index: call.index, id, name, delta: written });
    }
    const opaque = packCall({
      itemId: filled(item.id),
      async: typeof item.async === "boolean" ? item.async : undefined,
      namespace: filled(item.namespace),
    });
    const whole = {
      id,
      name,
      arguments: written.trim() === "" ? "{}" : written,
      ...(opaque !== undefined && { opaque }),
    };
    events.push({ type: "tool.call", index: call.index, call: whole });
  };

  return {
    get count() {
      return count;
    },
    begin(place, item, events) {
      start(place, item, events);
    },
    delta(place, delta, events) {
      const call = open.get(place);
      if (call && typeof delta === "string" && delta !== "") add(call, delta, events);
    },
    written(place, text, events) {
      const call = open.get(place);
      if (call && call.arguments === "" && typeof text === "string" && text !== "") add(call, text, events);
    },
    done(place, item, events) {
      const call = open.get(place) ?? start(place, item, events);
      this.written(place, item.arguments, events);
      open.delete(place);
      call.item = { ...call.item, ...item };
      if (typeof item.arguments === "string" && item.arguments !== "") call.arguments = item.arguments;
      finish(call, events);
    },
    end(events) {
      for (const call of open.values()) finish(call, events);
      open.clear();
    },
  };
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
