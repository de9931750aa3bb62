import { z } from "zod";

/** A CSS selector. */
export const selector = z.string().min(1).max(2_048).optional();

/** An element: a ref of the snapshot, or a CSS selector. */
export const target = { ref: z.string().min(1).max(32).optional(), selector };

/** Throws unless exactly one of them is there. */
export function demandTarget(at: { ref?: string | undefined; selector?: string | undefined }): void {
  if ((at.ref === undefined) === (at.selector === undefined))
    throw new Error("Give a ref of browser_snapshot, or a CSS selector.");
}
