// What a mail program asks of a mailbox, by IMAP (RFC 3501) and POP3 (RFC 1939) over TLS.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import tls from "node:tls";

const LIMIT = 60_000;

/** One connection: `ask` writes and gives what came until `end` was in it. */
async function line({ port, authority }) {
  const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca: await readFile(authority) });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  return {
    async ask(command, end) {
      if (command) socket.write(`${command}\r\n`);
      const deadline = Date.now() + LIMIT;
      for (;;) {
        const found = end.exec(text);
        if (found) {
          const answer = text.slice(0, found.index + found[0].length);
          text = text.slice(answer.length);
          return answer;
        }
        if (Date.now() > deadline) throw new Error(`no ${end} in ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => socket.destroy(),
  };
}

/** All messages of the inbox, whole; rejects with the server's words if it lets nobody in. */
export async function readByImap({ port, authority, user, password }) {
  const imap = await line({ port, authority });
  try {
    await imap.ask("", /\r\n/);
    const login = await imap.ask(`a LOGIN "${user}" "${password}"`, /^a .*\r\n/m);
    if (!/^a OK/m.test(login)) throw new Error(login);
    const [, count] = /\* (\d+) EXISTS/.exec(await imap.ask("b SELECT INBOX", /^b OK.*\r\n/m));
    if (count === "0") return [];
    const all = await imap.ask("c FETCH 1:* BODY.PEEK[]", /^c OK.*\r\n/m);
    return messages(all);
  } finally {
    imap.close();
  }
}

/** Literals: `{length}`, and so many octets. */
function messages(answer) {
  const found = [];
  const literal = /BODY\[\] \{(\d+)\}\r\n/g;
  for (let head = literal.exec(answer); head; head = literal.exec(answer)) {
    const begin = head.index + head[0].length;
    found.push(answer.slice(begin, begin + Number(head[1])));
    literal.lastIndex = begin + Number(head[1]);
  }
  return found;
}

/** The first message, and how many there are. */
export async function readByPop({ port, authority, user, password }) {
  const pop = await line({ port, authority });
  try {
    await pop.ask("", /^\+OK.*\r\n/);
    await pop.ask(`USER ${user}`, /^\+OK.*\r\n/);
    const login = await pop.ask(`PASS ${password}`, /^.*\r\n/);
    if (!login.startsWith("+OK")) throw new Error(login);
    const [, count] = /^\+OK (\d+)/.exec(await pop.ask("STAT", /^.*\r\n/));
    return { count: Number(count), first: await pop.ask("RETR 1", /^\.\r\n/m) };
  } finally {
    pop.close();
  }
}
