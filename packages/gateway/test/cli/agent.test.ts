import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, harness } from "./harness.ts";

const accepted = { runId: "run-1", sessionKey: "s-1", status: "started" };

function events(...list: [event: string, data: object][]): string {
  return list
    .map(([event, data], i) => {
      const seq = i + 1;
      return `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify({ runId: "run-1", sessionKey: "s-1", seq, ...data })}\n\n`;
    })
    .join("");
}

function stream(text: string, { open = false } = {}): Answer {
  return (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(text);
    if (!open) response.end();
  };
}

const end = { finishReason: "stop", model: "p/m", cost: 0, response: "Hello", usage: { totalTokens: 7 } };

describe("openclaw agent", () => {
  it("writes the answer to stdout as it comes, and everything else to stderr", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const url = await gateway({
      "POST /v1/runs": accepted,
      "GET /v1/runs/run-1/events": stream(
        events(
          ["started", { model: "p/m", agentId: "default", thinking: "low" }],
          ["thinking", { delta: "hm" }],
          ["tool.call", { toolCallId: "1", tool: "now", params: { zone: "UTC" } }],
          ["tool.result", { toolCallId: "1", tool: "now", result: "noon", isError: false }],
          ["delta", { messageId: "m", delta: "Hel" }],
          ["delta", { messageId: "m", delta: "lo" }],
          ["done", end],
        ),
      ),
    });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    const args = [
      "agent",
      "-m",
      "Hi",
      "-k",
      "s-1",
      "-a",
      "default",
      "--model",
      "p/m",
      "--thinking",
      "low",
      "--timeout",
      "5",
    ];
    const { code, stdout, stderr } = await run(args, { env });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "Hello\n");
    assert.match(
      stderr,
      /hm[\s\S]*→ now \{"zone":"UTC"\}[\s\S]*✔ now noon[\s\S]*session s-1 · p\/m · 7 tokens · stop/,
    );
    assert.deepEqual(JSON.parse(requests[0]?.body ?? ""), {
      message: "Hi",
      sessionKey: "s-1",
      agentId: "default",
      options: { model: "p/m", thinking: "low", timeoutMs: 5000 },
    });
  });

  it("prints the whole answer as one document with --json", async (t) => {
    const { run, gateway } = await harness(t);
    const answer = { ...accepted, ...end };
    const url = await gateway({ "POST /v1/agent/run": answer });
    const { stdout } = await run(["agent", "-m", "Hi", "--json", "--url", url, "--token", "t"]);
    assert.deepEqual(JSON.parse(stdout), answer);
  });

  it("aborts the run on Ctrl+C and exits 130", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const url = await gateway({
      "POST /v1/runs": accepted,
      "GET /v1/runs/run-1/events": stream(events(["delta", { messageId: "m", delta: "Once upon" }]), {
        open: true,
      }),
      "POST /v1/runs/run-1/abort": { aborted: true },
    });
    const { code } = await run(["agent", "-m", "Hi", "--url", url, "--token", "t"], {
      interruptAt: "Once upon",
    });
    assert.equal(code, 130);
    assert.equal(requests.at(-1)?.line, "POST /v1/runs/run-1/abort");
  });

  it("tells how a run failed, by the exit code of its error", async (t) => {
    const { run, gateway } = await harness(t);
    const error = { code: "timeout", message: "The run took too long.", type: "server_error" };
    const url = await gateway({
      "POST /v1/runs": accepted,
      "GET /v1/runs/run-1/events": stream(
        events(["delta", { messageId: "m", delta: "Once" }], ["error", { error }]),
      ),
    });
    const { code, stderr } = await run(["agent", "-m", "Hi", "--url", url, "--token", "t"]);
    assert.equal(code, 5);
    assert.match(stderr, /Error: The run took too long\./);
  });

  it("refuses what it can see to be wrong without asking the gateway", async (t) => {
    const { run } = await harness(t);
    assert.match(
      (await run(["agent", "-m", "Hi", "--thinking", "deep"])).stderr,
      /--thinking must be one of off/,
    );
    assert.match(
      (await run(["agent", "-m", "Hi", "--timeout", "soon"])).stderr,
      /--timeout must be a number/,
    );
  });
});
