import { Agent, createServer, request as forward } from "node:http";

// The floor for anything that is written in Node: a reverse proxy that reads nothing of what it passes on.
// Plain JavaScript, because a floor that had to strip types first would flatter the gateway.

const agent = new Agent({ keepAlive: true });
const target = { host: "127.0.0.1", port: process.argv[2], agent };

const server = createServer((request, response) => {
  const { url: path, method, headers } = request;
  const upstream = forward({ ...target, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on("error", () => response.destroy());
  request.pipe(upstream);
});
server.keepAliveTimeout = 0; // between two rounds a connection idles for long
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
