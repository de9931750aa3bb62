import type { Import, SourceFile } from "./source-files.ts";

const gateway = "packages/gateway/src/";

/** Which rooms of the gateway a room may import from, besides itself. The order is that of architecture.md. */
const below: Record<string, readonly string[]> = {
  main: ["transport", "api", "services", "runtime", "cluster", "storage", "channels", "config", "lib"],
  transport: ["api", "services", "runtime", "cluster", "storage", "channels", "config", "lib"],
  api: ["services", "runtime", "cluster", "storage", "channels", "lib"],
  services: ["runtime", "cluster", "storage", "channels", "config", "lib"],
  runtime: ["lib"],
  cluster: ["storage", "lib"],
  storage: ["lib"],
  channels: ["lib"],
  config: ["lib"],
  lib: [],
  cli: ["lib"],
};

/** The files of the CLI that are more than clients, and what else they may see. */
const ownersOfFiles: Record<string, readonly string[]> = {
  "cli/commands/gateway.ts": ["main", "config"],
  "cli/commands/config.ts": ["config"],
  "cli/commands/onboard.ts": ["main", "config"],
  "cli/commands/doctor.ts": ["main", "config"],
  "cli/commands/backup.ts": ["main", "config"],
  "cli/commands/token.ts": ["config"],
  "cli/target.ts": ["config"],
  // It tells the version.
  "cli/index.ts": ["config"],
};

/** Breaches of the direction of imports within the gateway, and of what each package may import at all. */
export function checkRooms(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((it) => {
      const wrong = file.path.startsWith(gateway) ? breachOfGateway(file, it) : breachOfPackage(file, it);
      return wrong ? [`${file.path}: imports ${it.specifier}: ${wrong}`] : [];
    }),
  );
}

function breachOfPackage(file: SourceFile, it: Import): string | undefined {
  const home = file.path.split("/").slice(0, 2).join("/");
  if (it.target !== undefined) {
    return it.target.startsWith(`${home}/`) ? undefined : "a relative import must not leave its package";
  }
  if (home === "packages/protocol" && it.specifier !== "zod") return "protocol imports nothing but zod";
  if (home === "packages/client") return "the client has no dependencies, types included";
  return undefined;
}

function breachOfGateway(file: SourceFile, it: Import): string | undefined {
  if (it.target === undefined) return undefined;
  if (it.target === "packages/gateway/package.json") return undefined;
  if (!it.target.startsWith(gateway)) return "a relative import must not leave its package";
  const from = file.path.slice(gateway.length);
  const to = it.target.slice(gateway.length);
  const room = roomOf(from);
  const other = roomOf(to);
  if (room === other) return undefined;
  const allowed = [...(below[room] ?? []), ...(ownersOfFiles[from] ?? [])];
  if (!(room in below)) return `"${room}" is not a room of the gateway; add it to scripts/layers/rooms.ts`;
  if (!allowed.includes(other)) return `${room} must not see ${other}`;
  if (other === "channels" && room !== "main" && to !== "channels/types.ts") {
    return `of the channels, ${room} may see types.ts only`;
  }
  return undefined;
}

function roomOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : path.replace(/\.ts$/, "");
}
