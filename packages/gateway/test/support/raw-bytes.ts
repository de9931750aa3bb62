import { connect, type Socket } from "node:net";

/** A connection that a test drives by hand. */
export async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.on("error", () => {}); // resets are what some tests provoke
  return socket;
}

/** What comes back first. */
export function firstBytes(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), 10_000);
    socket.once("data", (chunk) => {
      clearTimeout(timer);
      resolve(String(chunk));
    });
  });
}

/** Sends a request head; gives the whole head of the answer. */
export function raw(
  port: number,
  line: string,
  headers: string,
  host = `127.0.0.1:${port}`,
): Promise<string> {
  return rawBytes(port, `${line}\r\nHost: ${host}\r\n${headers}\r\n\r\n`);
}

/** Sends bytes; gives the whole head of the answer, or what came before the connection closed. */
export async function rawBytes(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = await rawConnection(port);
  socket.write(bytes);
  let text = "";
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, 10_000);
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\r\n\r\n")) done();
    });
    socket.on("close", done);
  });
}
