import type { Usage } from "openclaw-protocol";
import { costOf } from "../../runtime/models/cost.ts";
import type { ModelEvent } from "../../runtime/models/types.ts";
import type { CallSize, PricedModel, Reservation } from "../budgets.ts";
import { tokensOf } from "./call-size.ts";

/** Follows one call and settles what was set aside for it. */
export interface Meter {
  /** Characters of the answer have come. */
  received(characters: number): void;
  /** The provider's own count. */
  counted(usage: Usage): void;
  /** Books the provider's count, or where there is none what was sent and has come. Only the first time counts. */
  settle(): void;
  /** Books what was sent, where the call was called off before anything came, or nothing, where it failed. */
  broke(calledOff: boolean): void;
}

export function createMeter(reservation: Reservation, size: CallSize, model: PricedModel): Meter {
  let characters = 0;
  let usage: Usage | undefined;
  const book = (count: Usage): void => reservation.settle(costOf(count, model.facts.cost));
  const estimate = (): Usage => {
    const completionTokens = tokensOf(characters);
    const { promptTokens } = size;
    return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens };
  };
  return {
    received(more) {
      characters += more;
    },
    counted(count) {
      if (count.totalTokens > 0) usage = count; // some providers count nothing
    },
    settle() {
      book(usage ?? estimate());
    },
    broke(calledOff) {
      if (calledOff) book(estimate());
      else reservation.settle(0);
    },
  };
}

/** Tells the meter of an event. */
export function meterEvent(meter: Meter, event: ModelEvent): void {
  if (event.type === "finish") meter.counted(event.usage);
  else if ("delta" in event) meter.received(event.delta.length);
}
