// Brings mail by SMTP (RFC 5321), as a stranger's server does.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";

/** Hands over one message, lines ended as they come; the server has taken it when this returns. */
export async function bring({ port, from, to, message }) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const replies = lines(socket);
  const expect = async (code) => {
    let line;
    do line = (await replies.next()).value ?? "closed";
    while (/^\d{3}-/.test(line));
    assert.equal(line.slice(0, 3), String(code), line);
  };
  await expect(220);
  for (const [command, code] of [["EHLO out.sender.example", 250], [`MAIL FROM:<${from}>`, 250], [`RCPT TO:<${to}>`, 250], ["DATA", 354]]) {
    socket.write(`${command}\r\n`);
    await expect(code);
  }
  const octets = Buffer.from(message).toString("latin1").replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..");
  socket.write(Buffer.from(`${octets}\r\n.\r\n`, "latin1"));
  await expect(250);
  socket.end("QUIT\r\n");
}

async function* lines(socket) {
  let rest = "";
  for await (const chunk of socket) {
    const found = (rest + chunk.toString("latin1")).split("\r\n");
    rest = found.pop();
    yield* found;
  }
}
