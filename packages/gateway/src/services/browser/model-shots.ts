import type { CallOptions, Picture } from "./engine/base/types.ts";

/** The qualities that are tried until a picture fits: JPEG, 0 to 100. */
const qualities = [70, 45, 25];
/** Bytes of a picture that a model is shown. */
const bytesAtMost = 1_500_000;
/** The longest side, in pixels. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const sideAtMost = 8_000;

export type ModelShot = Omit<Picture, "data"> & { data: { bytes: Uint8Array; fits: boolean } };

/** A picture that models take, if a lower quality can make it one; else the smallest. */
export async function shotForModels(
  take: (quality: number) => Promise<Picture>,
  { signal }: CallOptions,
): Promise<ModelShot> {
  let shot: ModelShot | undefined;
  for (const quality of qualities) {
    signal.throwIfAborted();
    const { data, ...picture } = await take(quality);
    const isLong = Math.max(picture.width, picture.height) > sideAtMost;
    shot = { ...picture, data: { bytes: data, fits: !isLong && data.length <= bytesAtMost } };
    if (isLong || shot.data.fits) break;
  }
  return shot!; // one at least was taken
}
