import type { BrowserConfig } from "openclaw-protocol";
import type { EngineConfig } from "./engine/base/types.ts";

/** Variables that a Chromium needs of the gateway's environment; everything else may be a secret. */
const handedOn =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|FONTCONFIG_\w+|PLAYWRIGHT_BROWSERS_PATH)$/;

export interface EngineConfigParts {
  config: BrowserConfig;
  /** The browser's folder in the state directory, absolute. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** What the engine's thread is told: of the config what concerns it, without the secrets. */
export function engineConfig({ config, folder, env }: EngineConfigParts): EngineConfig {
  const { secrets: _, profiles, cdpUrl, idleMinutes, downloadMaxMb, enabled: _on, ...rest } = config;
  const all = Object.entries(profiles).map(([name, it]) => [
    name,
    { color: it.color, cdpUrl: it.cdpUrl ?? (it.cdpPort && `http://127.0.0.1:${it.cdpPort}`) },
  ]);
  const own = Object.fromEntries(all) as EngineConfig["profiles"]; // built in its shape
  return {
    ...rest,
    profiles: cdpUrl === undefined ? own : { ...own, default: { cdpUrl, ...defined(own.default) } },
    idleMs: idleMinutes * 60_000,
    downloadMaxBytes: Math.floor(downloadMaxMb * 1024 * 1024),
    folder,
    env: Object.fromEntries(
      Object.entries(env).filter(([name, value]) => value !== undefined && handedOn.test(name)),
    ) as Record<string, string>, // those without a value were left out
  };
}

/** A profile's settings without those that say nothing, so that they do not cover others. */
function defined(profile: EngineConfig["profiles"][string] | undefined) {
  return Object.fromEntries(Object.entries(profile ?? {}).filter(([, value]) => value !== undefined));
}
