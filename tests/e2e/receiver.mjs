// A server that takes mail (RFC 5321) under TLS (RFC 3207), as one of a recipient's domain does. What it is told in clear it keeps apart.
import { once } from "node:events";
import { createServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

/** Words of a stranger's, with what could disguise them. */
export const REFUSAL = "550 5.1.1 nobody here by this name \u202e<b>gnp.exe";

/** `clear`: it offers no TLS. Nobody is called `nobody…`, and `late…` takes nothing yet. */
export async function startReceiver({ host, port, identity, clear = false }) {
  const context = createSecureContext(identity);
  const seen = { clear: "", messages: [], isLate: true };
  const open = new Set();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => {});
    greet(socket, context, clear, seen);
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    /** What was taken: `{ to, text }`. */
    messages: seen.messages,
    /** Everything that came in clear. */
    clear: () => seen.clear,
    /** From now on those who were late take what comes. */
    welcome: () => (seen.isLate = false),
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function greet(socket, context, clear, seen) {
  socket.write("220 mx\r\n");
  eachLine(socket, (line, stop) => {
    seen.clear += `${line}\r\n`;
    if (/^EHLO/i.test(line)) return socket.write(clear ? "250-mx\r\n250 8BITMIME\r\n" : "250-mx\r\n250 STARTTLS\r\n");
    if (!/^STARTTLS/i.test(line) || clear) return socket.write("250 ok\r\n");
    stop();
    socket.write("220 go\r\n");
    const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
    secure.on("error", () => {});
    take(secure, seen);
  });
}

function take(socket, seen) {
  let to = [];
  let text;
  const answer = (line) => {
    const recipient = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1];
    if (text !== undefined) {
      if (line !== ".") return void text.push(line.replace(/^\./, ""));
      seen.messages.push({ to, text: `${text.join("\r\n")}\r\n` });
      [to, text] = [[], undefined];
      return "250 taken";
    }
    if (/^EHLO/i.test(line)) return "250-mx\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 REQUIRETLS";
    if (recipient?.startsWith("nobody")) return REFUSAL;
    if (recipient?.startsWith("late") && seen.isLate) return "450 come again";
    if (recipient !== undefined) to.push(recipient);
    if (/^DATA/i.test(line)) [text] = [[]];
    return /^DATA/i.test(line) ? "354 go" : /^QUIT/i.test(line) ? "221 bye" : "250 ok";
  };
  eachLine(socket, (line) => {
    const said = answer(line);
    if (said !== undefined) socket.write(`${said}\r\n`);
  });
}

/** Lines as they come, until `stop` is called. */
function eachLine(socket, on) {
  let rest = "";
  const read = (chunk) => {
    const lines = (rest + chunk.toString("latin1")).split("\r\n");
    rest = lines.pop();
    for (const line of lines) on(line, () => socket.off("data", read));
  };
  socket.on("data", read);
}
