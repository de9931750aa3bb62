import { connect, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { onAbort } from "../../lib/signals.ts";
import { JoinError } from "../types.ts";
import type { Account } from "./settings.ts";

const patienceMs = 20_000;

/** A connection to the server, before anything is said. Nothing is loaded for a server that does not answer. */
export function openSocket(account: Account, signal: AbortSignal): Promise<Socket> {
  const { host, port, secure, rejectUnauthorized } = account;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = secure
      ? connectSecurely({ host, port, rejectUnauthorized, ...(isIP(host) === 0 && { servername: host }) })
      : connect({ host, port });
    const done = (settle: () => void) => {
      clearTimeout(timer);
      stopListening();
      socket.off("error", onError);
      socket.on("error", () => {}); // `close` tells of what comes after
      settle();
    };
    const fail = (error: unknown) =>
      done(() => {
        socket.destroy();
        reject(error);
      });
    const onError = (error: NodeJS.ErrnoException) =>
      fail(unreachable(account, error.code ?? "no reason given"));
    const timer = setTimeout(() => fail(unreachable(account, "no answer")), patienceMs);
    const stopListening = onAbort(signal, () => fail(signal.reason));
    socket.once("error", onError);
    socket.once(secure ? "secureConnect" : "connect", () => done(() => resolve(socket)));
  });
}

/** OpenSSL's verdicts on certificates (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const certificate = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|ERR_TLS_CERT)/;

function unreachable({ host, port }: Account, code: string): Error {
  if (certificate.test(code)) {
    const what = `The certificate of ${host} is not trusted (${code}).`;
    return new JoinError(
      "settings",
      `${what} Check server; tlsRejectUnauthorized: false trusts any certificate.`,
    );
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    const what = `${host}:${port} does not speak TLS (${code}).`;
    return new JoinError("settings", `${what} Set port to the server's TLS port, or secure to false.`);
  }
  return new Error(`${host}:${port} could not be reached (${code}). Check server, port and the network.`);
}
