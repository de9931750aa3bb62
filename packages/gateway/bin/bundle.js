// Whether the bundle was made of the sources as they are. Plain JavaScript: the launcher and the build both use it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export const bundle = path("../dist/index.js");
export const source = path("../src/cli/index.ts");

/** Beside the bundle: the hash of the sources that it was made of. */
const hashFile = path("../dist/sources.sha256");

/**
 * Whether the bundle says what the sources say. Times are looked at first, since that is quick; a copied or newly
 * checked out tree has new times and the same content, so then the content decides.
 */
export function isBundleFresh() {
  if (!existsSync(bundle)) return false;
  if (!existsSync(source)) return true;
  const built = statSync(bundle).mtimeMs;
  if (sourceFiles().every((file) => statSync(file).mtimeMs < built)) return true;
  return existsSync(hashFile) && readFileSync(hashFile, "utf8") === hashSources();
}

/** SHA-256 over the names and contents of everything that goes into the bundle, in hex. */
export function hashSources() {
  const hash = createHash("sha256");
  const root = path("../../");
  for (const file of sourceFiles())
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

function sourceFiles() {
  const trees = ["../src", "../../protocol/src", "../../client/src"]
    .map(path)
    .filter((tree) => existsSync(tree));
  return [path("../package.json"), ...trees.flatMap(filesBelow)];
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) =>
      item.isDirectory() ? filesBelow(`${folder}/${item.name}`) : [`${folder}/${item.name}`],
    );
}
