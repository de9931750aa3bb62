import { stat } from "node:fs/promises";
import type { Download } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Tab } from "../base/tab.ts";
import type { DownloadedFile } from "../base/types.ts";
import { grouped, quoted } from "../base/words.ts";
import type { DownloadSizes } from "./download-sizes.ts";
import { fileName } from "./file-names.ts";
import { boundedUrl, within } from "./tab-facts.ts";

/** Files that come down at once; further ones are not begun. */
const atOnce = 5;
/** A file that nobody waits for may take so long, ms. */
const longest = 600_000;

/** Somebody waits for the next file that a tab begins to get. */
export interface Expectation {
  /** Whether it has begun; settles true once it has. */
  begun(): boolean;
  readonly started: Promise<true>;
  /** Rejects with `payload_too_large`, or `upstream_error` where it breaks off. */
  readonly file: Promise<DownloadedFile>;
  /** Bytes that have come. */
  bytes(): number;
  name(): string;
  /** Nobody waits any more: what has not begun is a download like others, and what has is cancelled. */
  giveUp(): void;
}

export interface Downloads {
  arrived(tab: Tab, download: Download): void;
  expect(tab: Tab): Expectation;
  /** The tab is closed: what was coming down in it is cancelled. */
  end(tab: Tab): void;
}

export interface DownloadRules {
  /** Most bytes of a file. */
  maxBytes: number;
  sizes: DownloadSizes;
  /** One has come that nobody waits for. */
  onDownload(tab: Tab, file: DownloadedFile): void;
}

interface Waiting {
  resolve(file: DownloadedFile): void;
  reject(error: unknown): void;
  begin(transfer: Transfer): void;
}

interface Transfer {
  name: string;
  bytes: number;
  cancel(why: GatewayError): void;
}

/** Gets the files that pages send, each up to the cap, and gives them to whoever waits. */
export function createDownloads({ maxBytes, sizes, onDownload }: DownloadRules): Downloads {
  const waiting = new Map<Tab, Waiting[]>();
  const running = new Map<Transfer, Tab>();

  async function receive(
    tab: Tab,
    download: Download,
    name: string,
    awaited?: Waiting,
  ): Promise<DownloadedFile> {
    let reason: GatewayError | undefined;
    const transfer: Transfer = {
      name,
      bytes: 0,
      cancel(why) {
        reason ??= why;
        download.cancel().catch(() => undefined); // the browser may have ended meanwhile
      },
    };
    running.set(transfer, tab);
    awaited?.begin(transfer);
    const unfollow = sizes.follow(download, (bytes) => {
      transfer.bytes = bytes;
      if (bytes > maxBytes) transfer.cancel(tooLarge(name, maxBytes));
    });
    const timer = setTimeout(() => transfer.cancel(brokenOff(name, "it took too long")), longest);
    try {
      const failure = await download.failure();
      if (reason) throw reason;
      if (failure !== null)
        throw brokenOff(name, failure === "canceled" ? "it was cancelled" : "the connection broke off");
      const path = await download.path();
      const { size } = await stat(path);
      if (size > maxBytes) {
        await within(1_000, download.delete());
        throw tooLarge(name, maxBytes);
      }
      const url = boundedUrl(download.url());
      return { path, name, mimeType: null, size, url, tabId: tab.id, sessionKey: tab.sessionKey };
    } catch (error) {
      throw (
        reason ?? (error instanceof GatewayError ? error : brokenOff(name, "the browser has ended", error))
      );
    } finally {
      clearTimeout(timer);
      unfollow();
      running.delete(transfer);
    }
  }

  async function take(tab: Tab, download: Download, awaited?: Waiting): Promise<void> {
    const name = fileName(download.suggestedFilename());
    if (running.size >= atOnce) {
      const error = new GatewayError("conflict", `${atOnce} files are coming down already. Try again later.`);
      awaited?.reject(error);
      tab.notes.add(`The file ${quoted(name)} was not downloaded: ${atOnce} files are coming down already.`);
      await download.cancel().catch(() => undefined); // the browser may have ended meanwhile
      return;
    }
    try {
      if (!awaited) tab.notes.add(`The file ${quoted(name)} is being downloaded.`);
      const file = await receive(tab, download, name, awaited);
      if (awaited) return awaited.resolve(file);
      tab.notes.add(`The file ${quoted(name)} has been downloaded (${grouped(file.size)} bytes).`);
      onDownload(tab, file);
    } catch (error) {
      if (awaited) awaited.reject(error);
      else
        tab.notes.add(error instanceof GatewayError ? error.message : `The file ${quoted(name)} was lost.`);
    }
  }

  return {
    arrived(tab, download) {
      const awaited = waiting.get(tab)?.shift();
      void take(tab, download, awaited);
    },
    end(tab) {
      for (const [transfer, its] of running) {
        if (its === tab) transfer.cancel(brokenOff(transfer.name, "its tab was closed"));
      }
    },
    expect(tab) {
      const file = Promise.withResolvers<DownloadedFile>();
      const started = Promise.withResolvers<true>();
      file.promise.catch(() => undefined); // who waits is told; who has given up does not want to know
      let transfer: Transfer | undefined;
      const mine: Waiting = {
        ...file,
        begin(begun) {
          transfer = begun;
          started.resolve(true);
        },
      };
      const queue = waiting.get(tab) ?? [];
      waiting.set(tab, queue);
      queue.push(mine);
      return {
        begun: () => transfer !== undefined,
        started: started.promise,
        file: file.promise,
        bytes: () => transfer?.bytes ?? 0,
        name: () => transfer?.name ?? "",
        giveUp() {
          const at = queue.indexOf(mine);
          if (at >= 0) queue.splice(at, 1);
          if (queue.length === 0 && waiting.get(tab) === queue) waiting.delete(tab);
          transfer?.cancel(brokenOff(transfer.name, "nobody waits for it any more"));
        },
      };
    },
  };
}

function tooLarge(name: string, maxBytes: number): GatewayError {
  const most = Number((maxBytes / 1_000_000).toPrecision(3));
  return new GatewayError(
    "payload_too_large",
    `The file ${quoted(name)} is larger than ${most} MB (browser.downloadMaxMb), and its download was cancelled.`,
  );
}

function brokenOff(name: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError("upstream_error", `The file ${quoted(name)} was not downloaded: ${why}.`, {
    cause,
  });
}
