import { checkCycles } from "./layers/cycles.ts";
import { checkHabits } from "./layers/habits.ts";
import { checkLeaves } from "./layers/leaves.ts";
import { checkRooms } from "./layers/rooms.ts";
import { readSourceFiles } from "./layers/source-files.ts";

const trees = ["packages/protocol/src", "packages/client/src", "packages/gateway/src"];

/** Every breach of the dependency rule in the tree under `root`, a sentence each. */
export function checkLayers(root: string): string[] {
  const files = trees.flatMap((tree) => readSourceFiles(root, tree));
  return [...checkRooms(files), ...checkLeaves(files), ...checkCycles(files), ...checkHabits(files)];
}

if (import.meta.main) {
  const breaches = checkLayers(new URL("..", import.meta.url).pathname);
  for (const breach of breaches) console.error(breach);
  if (breaches.length > 0) process.exitCode = 1;
}
