import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { browserRig, inspection, page, secretValue } from "./browser-rig.ts";

describe("what would hand over a password or payment data", () => {
  const submits: ("password" | "payment")[] = ["password"];
  const login = inspection({ submits, action: "https://shop.example/login" });
  const cases: [tool: string, args: object][] = [
    ["browser_click", { ref: "e1" }],
    ["browser_press", { key: "Enter" }],
    ["browser_type", { ref: "e1", text: "x", submit: true }],
    ["browser_download", { ref: "e1" }],
    ["browser_evaluate", { expression: "1" }],
  ];
  for (const [tool, args] of cases) {
    it(`by ${tool} is a risk of its own, and whoever decides sees what goes where`, async (t) => {
      const rig = await browserRig(t, { inspect: async () => login });
      const { prepared, isError } = await rig.call(tool, args, { allowed: false });
      assert.equal(isError, true);
      assert.ok(prepared?.risks.includes("form-submit"));
      assert.equal(prepared?.why?.["form-submit"], "it hands over a password");
      assert.partialDeepStrictEqual(prepared?.facts, {
        ...{ url: page.url, element: 'button "Buy"', submits, action: "https://shop.example/login" },
      });
      assert.deepEqual([...new Set(rig.asked.map((it) => it.method))], ["inspect"], "nothing was done");
    });
  }

  it("is allowed for good for that site, for where it goes, and for what is handed over", async (t) => {
    let seen = login;
    const rig = await browserRig(t, { inspect: async () => seen });
    const words = async () =>
      (await rig.call("browser_click", { ref: "e1" }, { allowed: false })).prepared?.words;
    assert.deepEqual(await words(), ["browser", "shop.example", "password"]);
    seen = inspection({ submits: ["payment", "password"], action: "https://pay.example/" });
    assert.deepEqual(await words(), ["browser", "shop.example", "to", "pay.example", "password", "payment"]);
    seen = inspection({ submits, url: "about:blank" });
    assert.equal(await words(), undefined);
  });

  it("is done as it was seen, in the tab where it was seen", async (t) => {
    const rig = await browserRig(t, { inspect: async () => login });
    await rig.call("browser_click", { ref: "e1" });
    assert.partialDeepStrictEqual(rig.last("act"), { tabId: "t_1", only: login });
  });

  it("counts a secret that is only about to be typed", async (t) => {
    const rig = await browserRig(t);
    const args = { ref: "e1", secret: "shop-password", submit: true };
    const { prepared } = await rig.call("browser_type", args);
    assert.ok(prepared?.risks.includes("form-submit"));
  });

  for (const [tool, args] of [
    ["browser_evaluate", { expression: "1" }],
    ["browser_download", { ref: "e1" }],
  ] as const) {
    it(`by ${tool} is refused where the page has come to hold more than was allowed`, async (t) => {
      let seen = inspection();
      const rig = await browserRig(t, { inspect: async () => seen });
      const meanwhile = () => {
        seen = login;
      };
      const { result, isError } = await rig.call(tool, args, { meanwhile });
      assert.equal(isError, true);
      assert.match(String(result.error), /changed meanwhile/);
      assert.equal(rig.last("evaluate") ?? rig.last("download"), undefined);
    });
  }

  it("is not looked for where nothing is handed over", async (t) => {
    const rig = await browserRig(t);
    for (const [tool, args] of [
      ["browser_type", { ref: "e1", text: "x" }],
      ["browser_scroll", {}],
      ["browser_select", { ref: "e1", values: ["a"] }],
    ] as const) {
      const { prepared } = await rig.call(tool, args);
      assert.deepEqual(prepared?.risks, ["network-request"], tool);
    }
    for (const [tool, args] of [
      ["browser_wait", { ms: 1 }],
      ["browser_snapshot", {}],
      ["browser_screenshot", {}],
    ] as const)
      assert.deepEqual((await rig.call(tool, args)).prepared?.risks, [], tool);
    assert.equal(rig.last("inspect"), undefined);
  });
});

describe("a secret", () => {
  it("goes to the engine by its value, and nowhere else", async (t) => {
    const rig = await browserRig(t);
    const args = { ref: "e1", secret: "shop-password", submit: true };
    const { prepared, result } = await rig.call("browser_type", args);
    assert.deepEqual(rig.last("act")?.secret, {
      ...{ name: "shop-password", value: secretValue, hosts: ["shop.example"] },
    });
    const { secret: _, ...others } = rig.last("act")!;
    const elsewhere = [prepared, result, others, ...rig.asked.filter((it) => it.method !== "act")];
    assert.ok(!JSON.stringify(elsewhere).includes(secretValue));
  });

  it("that is not there is refused with the names of those that are", async (t) => {
    const rig = await browserRig(t);
    for (const secret of ["other", "constructor"]) {
      const { result } = await rig.call("browser_type", { ref: "e1", secret });
      assert.match(String(result.error), /There is no secret .*There are: shop-password\./);
    }
    assert.equal(rig.last("act"), undefined);
  });

  it("is nothing for guests", async (t) => {
    const rig = await browserRig(t);
    const args = { ref: "e1", secret: "shop-password" };
    const { result } = await rig.call("browser_type", args, { trust: "guest" });
    assert.match(String(result.error), /not the owner's/);
    assert.equal(rig.last("act"), undefined);
  });
});
