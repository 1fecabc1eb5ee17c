// What passes on loopback, as tcpdump writes it down: each direction of each connection, put together as its receiver reads it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";

/** Until what was sent last is written down. */
const REST = 300;
const [TCP, UDP] = [6, 17];
/** Lengths of headers, in octets (Ethernet, IPv6, UDP). */
const [LINK, V6, DATAGRAM] = [14, 40, 8];
const SYN = 2;

/** Does `act` while these ports are watched, in `file`; gives `{ from, to, octets }`, places as `address:port`. Needs root. */
export async function captured(file, ports, act) {
  const filter = ports.map((port) => `port ${port}`).join(" or ");
  const tcpdump = spawn("tcpdump", ["-i", "lo", "-n", "-U", "--immediate-mode", "-s", "0", "-B", "32768", "-Z", "root", "-w", file, filter], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  tcpdump.stderr.on("data", (chunk) => (said += chunk));
  const ended = once(tcpdump, "exit");
  while (!said.includes("listening on lo")) {
    if (tcpdump.exitCode !== null) throw new Error(`tcpdump ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  try {
    await act();
    await new Promise((resolve) => setTimeout(resolve, REST));
  } finally {
    tcpdump.kill("SIGINT");
    await ended;
  }
  if (!/^0 packets dropped by kernel$/m.test(said)) throw new Error(`not everything was seen: ${said}`);
  return flows(await readFile(file));
}

/** Of a file of pcap with the frames of Ethernet. */
function flows(file) {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) throw new Error("no capture of loopback");
  const open = new Map();
  const all = [];
  for (let at = 24; at < file.length; ) {
    const [kept, length] = [file.readUInt32LE(at + 8), file.readUInt32LE(at + 12)];
    if (kept !== length) throw new Error("a packet was cut off");
    const packet = read(file.subarray(at + 16, at + 16 + kept));
    at += 16 + kept;
    if (packet === undefined) continue;
    const { from, to, begin, sequence, octets } = packet;
    let flow = open.get(`${from} ${to}`);
    if (flow === undefined || (begin !== undefined && begin !== flow.begin)) {
      flow = { from, to, begin, parts: [] };
      open.set(`${from} ${to}`, flow);
      all.push(flow);
    }
    if (octets.length > 0) flow.parts.push({ sequence, octets });
  }
  return all.map(({ from, to, begin, parts }) => ({ from, to, octets: joined(begin, parts) }));
}

function read(frame) {
  const type = frame.readUInt16BE(12);
  const isV6 = type === 0x86dd;
  if (!isV6 && type !== 0x0800) return undefined;
  const head = isV6 ? V6 : (frame[LINK] & 15) * 4;
  const end = LINK + (isV6 ? V6 + frame.readUInt16BE(LINK + 4) : frame.readUInt16BE(LINK + 2));
  const protocol = frame[LINK + (isV6 ? 6 : 9)];
  const addresses = frame.subarray(LINK + (isV6 ? 8 : 12), LINK + (isV6 ? 40 : 20));
  const address = (half) => (isV6 ? addresses.subarray(half * 16, half * 16 + 16).toString("hex") : addresses.subarray(half * 4, half * 4 + 4).join("."));
  const rest = frame.subarray(LINK + head, end);
  const [from, to] = [0, 1].map((half) => `${address(half)}:${rest.readUInt16BE(half * 2)}`);
  if (protocol === UDP) return { from, to, octets: rest.subarray(DATAGRAM) };
  if (protocol !== TCP) return undefined;
  const sequence = rest.readUInt32BE(4);
  return { from, to, begin: rest[13] & SYN ? sequence : undefined, sequence, octets: rest.subarray((rest[12] >> 4) * 4) };
}

/** In the order of TCP, what was sent twice once; datagrams one behind the other. */
function joined(begin, parts) {
  if (parts.every(({ sequence }) => sequence === undefined)) return Buffer.concat(parts.map(({ octets }) => octets));
  if (begin === undefined) throw new Error("a connection's beginning was not seen");
  const placed = parts.map(({ sequence, octets }) => ({ at: (sequence - begin - 1) >>> 0, octets })).sort((one, other) => one.at - other.at);
  const whole = [];
  let length = 0;
  for (const { at, octets } of placed) {
    if (at > length) throw new Error("something of a connection was not seen");
    const rest = octets.subarray(length - at);
    whole.push(rest);
    length += rest.length;
  }
  return Buffer.concat(whole);
}

/** What of a stream is not under TLS: what comes before STARTTLS with it, and what is no record behind it (RFC 8446 §5.1). */
export function inClear(octets) {
  const start = octets.indexOf("STARTTLS\r\n");
  if (start === -1) return octets.toString("latin1");
  const begin = start + "STARTTLS\r\n".length;
  let at = begin;
  while (at + 5 <= octets.length && octets[at] >= 20 && octets[at] <= 23 && octets[at + 1] === 3) at += 5 + octets.readUInt16BE(at + 3);
  return octets.toString("latin1", 0, begin) + octets.toString("latin1", at);
}

/** Those of these texts that are seen in a capture, as they are or in Base64, wherever its groups of three begin and its lines are broken. */
export function seen(flows, texts) {
  const said = flows.map(({ octets }) => octets.toString("latin1"));
  const unbroken = said.map((text) => text.replaceAll(/[\r\n]/g, ""));
  return texts.filter((text) => said.some((one) => one.includes(text)) || inBase64(text).some((part) => unbroken.some((one) => one.includes(part))));
}

function inBase64(text) {
  const octets = Buffer.from(text, "latin1");
  const whole = [0, 1, 2].map((skipped) => octets.subarray(skipped, octets.length - ((octets.length - skipped) % 3)));
  return whole.filter(({ length }) => length >= 6).map((part) => part.toString("base64"));
}
