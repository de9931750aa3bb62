import assert from "node:assert/strict";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { after, test } from "node:test";
import { createAddressJudge } from "../../src/lib/addresses.ts";
import { createOutbound, type Outbound } from "../../src/lib/net.ts";
import { createUrlJudge } from "../../src/lib/outbound-judge.ts";
import type { Address } from "../../src/lib/outbound-socket.ts";
import { standIn } from "../support/stand-in.ts";

// 127.0.0.1 stands for what may be opened, 127.0.0.2 for what is inside: nothing leaves this machine.
const outside = await standIn((response) => response.end("outside"));
const inside = await standIn((response) => response.end("inside"), "127.0.0.2");
after(() => Promise.all([outside.close(), inside.close()]));

const signal = AbortSignal.timeout(60_000);
const refused = { code: "invalid_request", param: "url" };

function get(outbound: Outbound, url: string, headers = {}) {
  return outbound.request(url, { signal, maxBytes: 10_000, redirects: 3, headers });
}

/** A look-up that gives these addresses, one list after the other, the last one for ever. */
function answering(...answers: string[][]) {
  const asked: string[] = [];
  const lookup = async (name: string): Promise<Address[]> => {
    const addresses = answers[Math.min(asked.push(name), answers.length) - 1] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { asked, lookup };
}

test("a private host is refused in every spelling, before anything is looked up", async () => {
  const { asked, lookup } = answering(["127.0.0.2"]);
  const outbound = createOutbound({ allowPrivate: [], lookup });
  const hosts = `
    127.0.0.2 127.0.0.2. 127.2 2130706434 0x7f000002 0x7f.2 0177.0.0.2 0177.0.0.0x2 127.0.2 %31%32%37.0.0.2
    １２７．０．０．２ ①②⑦.⓪.⓪.② 0 0.0.0.0 [::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.2] [::ffff:7f00:2]
    [::127.0.0.2] [::7f00:2] [64:ff9b::127.0.0.2] [64:ff9b:1::7f00:2] [2002:7f00:2::] [::ffff:0:127.0.0.2]
    [2001:0:7f00:2::] [fe80::1] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1]
    localhost LOCALHOST localhost. localhost.. ｌｏｃａｌｈｏｓｔ a.localhost localhost.localdomain
    metadata metadata.google.internal metadata.google.internal. a.internal printer.local nas.home.arpa router.lan
    169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 [::ffff:169.254.169.254] 168.63.129.16 100.100.100.200
    10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 192.0.0.192 100.64.0.1 198.18.0.1 224.0.0.1 255.255.255.255
  `;
  for (const host of hosts.trim().split(/\s+/)) {
    for (const scheme of ["http", "https"]) {
      await assert.rejects(
        get(outbound, `${scheme}://${host}:${inside.port}/`),
        refused,
        `${scheme} ${host}`,
      );
    }
  }
  assert.deepEqual(asked, []);
  assert.equal(inside.hits.length, 0);
});

test("only addresses of the public internet are taken for public", () => {
  const { address, host } = createAddressJudge([]);
  for (const ip of ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]) {
    assert.equal(address(ip), true, ip);
  }
  const closed = [
    "fe80::1%lo",
    "::ffff:10.0.0.1",
    "::",
    "4000::1",
    "3fff::1",
    "5f00::1",
    "2001:2::1",
    "",
    "x",
    "1.1",
  ];
  for (const ip of closed) assert.equal(address(ip), false, ip);
  assert.equal(host("example.com"), "open");
  for (const name of ["", ".", "a..b", ".com", "com"]) assert.equal(host(name), "private", name);
});

test("other schemes, credentials and ports of other services are refused", async () => {
  const outbound = createOutbound({ allowPrivate: ["127.0.0.1", "127.0.0.2"] });
  const here = `127.0.0.1:${outside.port}`;
  const before = outside.hits.length;
  for (const url of [
    ...[
      "file:///etc/passwd",
      "ftp://example.com/",
      "gopher://example.com/",
      "data:text/plain,x",
      "javascript:1",
    ],
    ...[
      "ws://example.com/",
      "blob:http://example.com/x",
      "//example.com",
      "",
      `http://${"a".repeat(9_000)}.com/`,
    ],
    ...[
      `http://user@${here}/`,
      `http://:secret@${here}/`,
      `http://example.com@${here}/`,
      `http://a:b@${here}/`,
    ],
    ...[22, 25, 110, 143, 465, 587, 993, 995, 6379, 11211].map((port) => `http://127.0.0.1:${port}/`),
  ]) {
    await assert.rejects(get(outbound, url), refused, url);
  }
  assert.equal(outside.hits.length, before);
});

test("a public name that leads to a private address is refused, also when only one of its addresses does", async () => {
  for (const addresses of [
    ["127.0.0.2"],
    ["::ffff:127.0.0.2"],
    ["127.0.0.1", "127.0.0.2"],
    ["127.0.0.1", "10.0.0.1"],
    ["127.0.0.1", "fe80::1%lo"],
    ["127.0.0.1", "not an address"],
  ]) {
    const { lookup } = answering(addresses);
    const outbound = createOutbound({ allowPrivate: ["127.0.0.1"], lookup });
    const before = outside.hits.length;
    for (const { port } of [inside, outside]) {
      await assert.rejects(get(outbound, `http://public.example.com:${port}/`), refused, addresses.join());
    }
    assert.equal(outside.hits.length, before);
  }
  assert.equal(inside.hits.length, 0);
});

test("a name that is answered differently the second time still leads to the address that was judged", async () => {
  const port = outside.port;
  const twin = await standIn((response) => response.end("inside"), "127.0.0.2", port);
  try {
    const { asked, lookup } = answering(["127.0.0.1"], ["127.0.0.2"]);
    const outbound = createOutbound({ allowPrivate: ["127.0.0.1"], lookup });
    const answer = await get(outbound, `http://rebind.example.com:${port}/`);
    assert.equal(String(answer.body), "outside");
    assert.deepEqual(asked, ["rebind.example.com"]);
    assert.equal(outside.hits.at(-1)?.headers.host, `rebind.example.com:${port}`);
    await assert.rejects(get(outbound, `http://rebind.example.com:${port}/`), refused);
    assert.equal(twin.hits.length, 0);
  } finally {
    await twin.close();
  }
});

test("a connection that ends at another address than the judged one is not spoken over", async (context) => {
  const connect = net.connect;
  context.mock.method(net, "connect", () => connect(inside.port, "127.0.0.2"));
  syncBuiltinESMExports();
  try {
    const outbound = createOutbound({ allowPrivate: ["127.0.0.1"] });
    await assert.rejects(get(outbound, outside.url), refused);
    assert.equal(inside.hits.length, 0);
  } finally {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

test("every redirect is judged like a first address", async () => {
  const { lookup } = answering(["127.0.0.2"]);
  for (const location of [
    inside.url,
    `//127.0.0.2:${inside.port}/`,
    `http://2130706434:${inside.port}/`,
    `http://localhost:${inside.port}/`,
    `http://public.example.com:${inside.port}/`,
    "http://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    `http://a:b@127.0.0.1:${outside.port}/`,
    "http://127.0.0.1:6379/",
    "http://[",
  ]) {
    for (const status of [301, 302, 303, 307, 308]) {
      const door = await standIn((response) => response.writeHead(status, { location }).end());
      try {
        const outbound = createOutbound({ allowPrivate: ["127.0.0.1"], lookup });
        await assert.rejects(get(outbound, door.url), refused, `${status} ${location}`);
        assert.equal(door.hits.length, 1);
      } finally {
        await door.close();
      }
    }
  }
  assert.equal(inside.hits.length, 0);
});

test("three redirects are followed and no more", async () => {
  const chain = await standIn((response, { path }) => {
    const left = Number(path.slice(1));
    if (left === 0) response.end("there");
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  try {
    const outbound = createOutbound({ allowPrivate: ["127.0.0.1"] });
    const answer = await get(outbound, `${chain.url}/3`);
    assert.deepEqual([String(answer.body), answer.url], ["there", `${chain.url}/0`]);
    await assert.rejects(get(outbound, `${chain.url}/4`), { code: "upstream_error", message: /too often/ });
    assert.equal(chain.hits.length, 8);
  } finally {
    await chain.close();
  }
});

test("a redirect to another origin gets no credentials, and a POST follows none", async () => {
  const door = await standIn((response, { path }) =>
    response.writeHead(307, { location: path === "/own" ? "/end" : outside.url }).end(),
  );
  const headers = { authorization: "Bearer abc", "x-key": "abc", cookie: "a=b", "user-agent": "x" };
  try {
    const outbound = createOutbound({ allowPrivate: ["127.0.0.1"] });
    await get(outbound, door.url, headers);
    const { headers: seen } = outside.hits.at(-1)!;
    assert.deepEqual([seen.authorization, seen["x-key"], seen.cookie], [undefined, undefined, undefined]);
    assert.equal(seen["user-agent"], "x");
    const before = outside.hits.length;
    const post = { signal, maxBytes: 1_000, redirects: 3, method: "POST", body: "secret" } as const;
    await assert.rejects(outbound.request(door.url, post), { code: "upstream_error" });
    assert.equal(outside.hits.length, before);
  } finally {
    await door.close();
  }
});

test("what browser.allowPrivate lists can be opened, and nothing beside it", async () => {
  const { lookup } = answering(["127.0.0.2"]);
  const opens = async (allowPrivate: string[], url: string) =>
    get(createOutbound({ allowPrivate, lookup }), url).then(
      (answer) => String(answer.body),
      (error: { code: string }) => error.code,
    );
  const name = `http://wiki.internal:${inside.port}/`;
  const wide = `http://a.example.com:${inside.port}/`;
  assert.equal(await opens(["127.0.0.2"], inside.url), "inside");
  assert.equal(await opens(["127.0.0.2"], `http://[::ffff:127.0.0.2]:${inside.port}/`), "inside");
  assert.equal(await opens(["127.0.0.0/30"], inside.url), "inside");
  assert.equal(await opens(["127.0.0.2/32"], wide), "inside");
  assert.equal(await opens(["wiki.internal"], name), "inside");
  assert.equal(await opens(["WIKI.internal."], name), "inside");
  for (const [allow, url] of [
    [["127.0.0.1"], inside.url],
    [["127.0.0.3/32"], inside.url],
    [["127.0.0.2/33"], inside.url],
    [["127.0.0.2/"], inside.url],
    [["127.0.0.2/32/1"], inside.url],
    [["0/0"], inside.url],
    [["*"], inside.url],
    [[""], inside.url],
    [["wiki.internal"], inside.url],
    [["wiki.internal"], `http://a.wiki.internal:${inside.port}/`],
    [["internal"], name],
    [[".internal"], name],
    [["wiki.internal:80"], name],
    [["http://wiki.internal"], name],
    [["x@wiki.internal"], name],
    [["wiki.internal"], wide],
    [["127.0.0.2"], name],
    [["127.0.0.2"], `http://localhost:${inside.port}/`],
  ] as const) {
    assert.equal(await opens([...allow], url), "invalid_request", `${allow} ${url}`);
  }
});

test("the browser's addresses are judged by the same judge, networks included", () => {
  const { judge } = createUrlJudge(["10.1.0.0/16", "wiki.internal"]);
  assert.equal(judge("http://10.1.2.3/x").href, "http://10.1.2.3/x");
  assert.equal(judge("http://wiki.internal/").hostname, "wiki.internal");
  assert.throws(() => judge("http://10.2.0.1/"), {
    ...refused,
    message: /private address.*browser\.allowPrivate/,
  });
});
