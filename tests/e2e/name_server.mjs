// A name server on a port of this machine: texts of a few names, and nothing of any other (RFC 1035).
import { createSocket } from "node:dgram";
import { once } from "node:events";

const TXT = 16;
const [NO_ERROR, SERVER_FAILURE, NO_NAME] = [0, 2, 3];

/** `texts` by name; what is asked about a name in `silent` fails. */
export async function startNameServer(texts, silent = []) {
  const socket = createSocket("udp4");
  socket.on("message", (asked, { port, address }) => socket.send(answer(asked, texts, silent), port, address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

function answer(asked, texts, silent) {
  const labels = [];
  let at = 12;
  for (; asked[at] !== 0; at += asked[at] + 1) labels.push(asked.toString("latin1", at + 1, at + 1 + asked[at]).toLowerCase());
  const name = labels.join(".");
  const type = asked.readUInt16BE(at + 1);
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  const code = silent.includes(name) ? SERVER_FAILURE : text === undefined ? NO_NAME : NO_ERROR;
  const records = code === NO_ERROR && type === TXT ? [record(text)] : [];
  const header = Buffer.alloc(12);
  asked.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2); // an answer; recursion was desired, and there is some
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, asked.subarray(12, at + 5), ...records]);
}

/** Of the name that was asked about; strings of 255 octets at most (§3.3). */
function record(text) {
  const strings = text.match(/[^]{1,255}/g).flatMap((part) => [Buffer.from([part.length]), Buffer.from(part, "latin1")]);
  const data = Buffer.concat(strings);
  const head = Buffer.from([0xc0, 12, 0, TXT, 0, 1, 0, 0, 0, 60, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
