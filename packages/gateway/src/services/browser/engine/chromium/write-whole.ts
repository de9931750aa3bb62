import { rename, rm, writeFile } from "node:fs/promises";

/** Writes a file that only we may read, so that it is there whole or as it was before, whenever we are killed. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
