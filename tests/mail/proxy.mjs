// Somebody who stands between two servers, and changes what the second one says.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Listens at `address` and passes on to `to`, both on `port`; each piece of an answer is what `change` makes of it, in Latin-1. */
export async function startProxy({ address, to, port, change }) {
  const open = new Set();
  const proxy = createServer((client) => {
    const server = connect(port, to);
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (open.delete(socket), client.destroy(), server.destroy()));
    }
    client.pipe(server);
    server.on("data", (chunk) => client.write(Buffer.from(change(chunk.toString("latin1")), "latin1")));
  });
  proxy.listen(port, address);
  await once(proxy, "listening");
  return {
    close() {
      proxy.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** The offer of TLS becomes one that nobody knows. */
export const stripped = (answer) => answer.replace(/^(250[- ])STARTTLS/m, "$1XXXXXXXA");

/** More stands in clear where TLS begins, to be taken for what the server says under it. */
export const injected = (answer) => answer.replace(/^220 2\.0\.0 .*\r\n/, "$&250-mx\r\n250 8BITMIME\r\n");
