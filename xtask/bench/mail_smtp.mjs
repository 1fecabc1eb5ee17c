// Hands mail over by SMTP or LMTP (RFC 5321, 2033), as another server does: each command waits for its answer, and a connection lasts.
import { once } from "node:events";
import { connect } from "node:net";
import tls from "node:tls";
import { SENDER_ADDRESS } from "./mail_letters.mjs";

/** A connection after its greeting: by SMTP under TLS, or by LMTP, where it says who brought the mail. Gives what hands one message over. */
export async function open({ port, lmtp = false }) {
  let socket = connect({ port, host: "127.0.0.1", localAddress: SENDER_ADDRESS, noDelay: true });
  await once(socket, "connect");
  let answers = replies(socket);
  const say = async (command, code) => {
    if (command !== undefined) socket.write(command);
    const reply = await answers.next();
    if (!reply.startsWith(code)) throw new Error(`${String(command).slice(0, 60).trim()}: ${reply}`);
  };
  await say(undefined, "220");
  if (lmtp) {
    await say("LHLO front\r\n", "250");
    await say(`XFORWARD ADDR=${SENDER_ADDRESS} HELO=out.example\r\n`, "250");
  } else {
    await say("EHLO out.example\r\n", "250");
    await say("STARTTLS\r\n", "220");
    socket.removeAllListeners("data");
    socket = tls.connect({ socket, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    answers = replies(socket);
    await say("EHLO out.example\r\n", "250");
  }
  return {
    async deliver({ from, to, octets }) {
      await say(`MAIL FROM:<${from}>\r\n`, "250");
      await say(`RCPT TO:<${to}>\r\n`, "250");
      await say("DATA\r\n", "354");
      await say(Buffer.concat([octets, Buffer.from(".\r\n")]), "250");
    },
    async close() {
      await say("QUIT\r\n", "221").catch(() => {});
      socket.destroy();
    },
  };
}

/** Replies as they come, each whole, of which one is waited for at a time. */
function replies(socket) {
  let text = "";
  let waiting;
  const look = (failure) => {
    const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(text);
    if (!waiting || (!whole && !failure)) return;
    const { resolve, reject } = waiting;
    waiting = undefined;
    if (!whole) return reject(failure);
    text = text.slice(whole[0].length);
    resolve(whole[0]);
  };
  socket.on("data", (chunk) => ((text += chunk.toString("latin1")), look()));
  socket.on("error", look);
  socket.on("close", () => look(new Error(`closed after ${text}`)));
  return { next: () => new Promise((resolve, reject) => ((waiting = { resolve, reject }), look())) };
}
