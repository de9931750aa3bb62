import type { Context, Output } from "../context.ts";
import { UsageError } from "../exit-codes.ts";

/** The credential of the local gateway, for pasting it elsewhere. */
export async function token({ terminal, options }: Context): Promise<Output> {
  const { env, homeDir } = terminal;
  const { loadConfig } = await import("../../config/load.ts");
  const { auth, stateDir } = await loadConfig({ env, homeDir, flags: { config: options.config } });
  if (auth.mode === "off") throw new UsageError("The gateway needs no credential: gateway.auth.mode is off.");
  if (auth.mode === "password") {
    throw new UsageError("The gateway is opened by the password of gateway.auth.password, not by a token.");
  }
  const { readGatewayToken } = await import("../../config/gateway-token.ts");
  const found = auth.token ?? (await readGatewayToken(stateDir));
  if (!found) {
    throw new UsageError(
      `There is no token yet: it is made at the first start. Run: ${terminal.program} gateway run`,
    );
  }
  return { data: { token: found.reveal() }, text: found.reveal() };
}
