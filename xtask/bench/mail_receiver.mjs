// The server of other domains: takes mail under TLS, in a process of its own, and says how many messages it has taken.
// `node mail_receiver.mjs ADDRESS PORT CERTIFICATE KEY`, started by `fork`.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

const [address, port, certificate, key] = process.argv.slice(2);
const secureContext = createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key) });
let taken = 0;

createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.write("220 mx\r\n");
  talk(socket, () => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext });
    secured.on("error", () => {});
    talk(secured);
  });
}).listen({ port: Number(port), host: address, backlog: 511 }, () => process.send("ready"));
process.on("message", () => process.send(taken));
process.on("disconnect", () => process.exit());

/** Until the end, or until `secure` takes over. */
function talk(socket, secure) {
  let rest = "";
  let inMessage = false;
  const read = (chunk) => {
    rest += chunk.toString("latin1");
    for (;;) {
      const end = rest.indexOf(inMessage ? "\r\n.\r\n" : "\r\n");
      if (end < 0) {
        // Enough to find the end that comes in two pieces.
        if (inMessage) rest = rest.slice(-4);
        return;
      }
      const line = rest.slice(0, end);
      rest = rest.slice(end + (inMessage ? 5 : 2));
      if (inMessage) {
        inMessage = false;
        taken++;
        socket.write("250 taken\r\n");
      } else if (/^STARTTLS/i.test(line) && secure) {
        socket.off("data", read);
        socket.write("220 go\r\n");
        return secure();
      } else if (/^EHLO/i.test(line)) {
        socket.write(secure ? "250-mx\r\n250 STARTTLS\r\n" : "250-mx\r\n250 8BITMIME\r\n");
      } else if (/^DATA/i.test(line)) {
        inMessage = true;
        socket.write("354 go\r\n");
      } else if (/^QUIT/i.test(line)) {
        socket.end("221 bye\r\n");
      } else {
        socket.write("250 ok\r\n");
      }
    }
  };
  socket.on("data", read);
}
