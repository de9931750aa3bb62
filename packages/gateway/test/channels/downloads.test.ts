import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { download } from "../../src/channels/downloads.ts";
import { GatewayError } from "../../src/lib/errors.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return new URL(`http://127.0.0.1:${address.port}/secret-token/file`);
}

const signal = new AbortController().signal;

function refusedWith(code: string, message?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, code);
    assert.doesNotMatch(`${error.message}${String(error.cause)}`, /secret-token/);
    if (message) assert.match(error.message, message);
    return true;
  };
}

test("a file arrives whole, up to exactly what is allowed, with its type and our headers", async () => {
  let authorization: string | undefined;
  const url = await serve((request, response) => {
    authorization = request.headers.authorization;
    response.setHeader("content-type", "Image/PNG; charset=binary");
    response.end(Buffer.alloc(1000, 7));
  });
  const { bytes, mimeType } = await download(url, {
    signal,
    maxBytes: 1000,
    headers: { authorization: "Bearer x" },
  });
  assert.deepEqual(Buffer.from(bytes), Buffer.alloc(1000, 7));
  assert.equal(mimeType, "image/png");
  assert.equal(authorization, "Bearer x");
});

test("a file that says it is too large is not read", async () => {
  let sent = false;
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": "1001" });
    response.flushHeaders();
    response.once("close", () => {
      sent = response.writableFinished;
    });
  });
  await assert.rejects(
    download(url, { signal, maxBytes: 1000 }),
    refusedWith("payload_too_large", /1000 bytes/),
  );
  assert.equal(sent, false);
});

test("a file that does not say how large it is is broken off at the limit, also when it is packed", async () => {
  const endless = await serve((_, response) => {
    const pour = () => {
      while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
    };
    response.on("drain", pour);
    pour();
  });
  await assert.rejects(download(endless, { signal, maxBytes: 1_000_000 }), refusedWith("payload_too_large"));
  const bomb = await serve((_, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync(Buffer.alloc(5_000_000)));
  });
  await assert.rejects(download(bomb, { signal, maxBytes: 1_000_000 }), refusedWith("payload_too_large"));
});

test("a redirect within the service is followed, and credentials stay with the first address", async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("there");
  });
  const first = await serve((request, response) => {
    seen.push(request.headers.authorization);
    const target = request.url === "/again" ? other.href : "/again";
    response.writeHead(302, { location: target }).end();
  });
  const { bytes } = await download(first, {
    signal,
    maxBytes: 100,
    headers: { authorization: "Bearer x" },
    allowedOrigins: [first.origin, other.origin],
  });
  assert.equal(Buffer.from(bytes).toString(), "there");
  assert.deepEqual(seen, ["Bearer x", "Bearer x", undefined]);
});

test("nothing is fetched from an origin that is not allowed, at first or by a redirect", async () => {
  let asked = 0;
  const other = await serve((_, response) => {
    asked++;
    response.end("stolen");
  });
  const first = await serve((_, response) => response.writeHead(307, { location: other.href }).end());
  await assert.rejects(
    download(first, { signal, maxBytes: 100 }),
    refusedWith("upstream_error", /not an address of the service/),
  );
  await assert.rejects(
    download(other, { signal, maxBytes: 100, allowedOrigins: [first.origin] }),
    refusedWith("upstream_error", /not an address of the service/),
  );
  assert.equal(asked, 0);
});

test("a loop of redirects ends", async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: "/secret-token/x" }).end());
  await assert.rejects(
    download(url, { signal, maxBytes: 100 }),
    refusedWith("upstream_error", /redirects too often/),
  );
});

test("an error of the service says its status and not its body", async () => {
  const url = await serve((_, response) => response.writeHead(404).end("secret-token"));
  await assert.rejects(
    download(url, { signal, maxBytes: 100 }),
    refusedWith("upstream_error", /answered 404/),
  );
});

test("a connection that breaks off is told as such", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  await assert.rejects(download(url, { signal, maxBytes: 100 }), refusedWith("upstream_error", /broke off/));
});

test("an abort ends the download with its reason, before and amid the body", async () => {
  const controller = new AbortController();
  const url = await serve((_, response) => {
    response.write("half", () => controller.abort(new Error("enough")));
  });
  await assert.rejects(download(url, { signal: controller.signal, maxBytes: 100 }), /enough/);
  await assert.rejects(download(url, { signal: controller.signal, maxBytes: 100 }), /enough/);
});
