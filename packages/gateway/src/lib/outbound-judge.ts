import { type AddressJudge, createAddressJudge, plainHost } from "./addresses.ts";
import { GatewayError } from "./errors.ts";

const longestUrl = 8_192;

/** Ports of services that take a request's lines for their own commands. The well-known ones of browsers' lists. */
const closedPorts = new Set([
  ...[
    0, 1, 7, 9, 11, 13, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 95, 110, 111, 113, 119, 123, 135,
  ],
  ...[
    137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563,
  ],
  ...[587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 5060, 5061, 6000, 6379, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6697, 10080, 11211],
]);

/** Judges URLs that come from outside, before anything is looked up. */
export interface UrlJudge {
  readonly addresses: AddressJudge;
  /** The URL, parsed. Throws `invalid_request` for what must not be opened. */
  judge(url: string): URL;
}

/** `allowPrivate` lists what may be opened though it is not public: IP addresses, CIDRs, host names. */
export function createUrlJudge(allowPrivate: readonly string[]): UrlJudge {
  const addresses = createAddressJudge(allowPrivate);
  return {
    addresses,
    judge(written) {
      const url = written.length > longestUrl ? null : URL.parse(written);
      if (!url) throw refusal("This is not a URL, or one that is too long. Give it whole, as https://….");
      if (url.protocol !== "http:" && url.protocol !== "https:") {
        throw refusal("Only http and https URLs can be opened.");
      }
      if (url.username !== "" || url.password !== "") {
        throw refusal("A URL with a user name or password in it is not opened. Leave them out.");
      }
      if (url.port !== "" && closedPorts.has(Number(url.port))) {
        throw refusal(`Port ${url.port} is not one of the web.`);
      }
      if (addresses.host(url.hostname) === "private") throw privateAddress(url, "is");
      return url;
    },
  };
}

/** The refusal of a host that is private by itself, or leads to something that is. */
export function privateAddress(url: URL, how: "is" | "leads to"): GatewayError {
  const host = plainHost(url.hostname).slice(0, 253);
  return refusal(`${host} ${how} a private address. List it in browser.allowPrivate to open it.`);
}

function refusal(message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: "url" });
}
