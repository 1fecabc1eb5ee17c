// Mail of domains that are in the bench's DNS: signed (DKIM), and a record of each that says who may send for it (SPF, DMARC).
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { lines } from "./measure.mjs";

/** From where it is brought: the address that the records allow. */
export const SENDER_ADDRESS = "127.0.0.7";
/** Whose mail is taken, and sent. */
export const OUR_DOMAIN = "demo.example";
/** Domains, each of which is asked about once where DNS is not to have it at hand. */
export const DOMAINS = 4_000;
/** Of the text. With the header a message has 4.5 kB. */
const SIZE = 4_000;
/** Those that write, and are written to, in turn. */
export const ACCOUNTS = 400;

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const body = lines(SIZE).trimEnd().replaceAll("\n", "\r\n") + "\r\n";
const bodyHash = createHash("sha256").update(body).digest("base64");
let drawn = 0;

export const account = (number) => `user${number % ACCOUNTS}@${OUR_DOMAIN}`;
export const domain = (number) => `d${number % DOMAINS}.example`;

/** What the zone has of the domains: who sends for them, and where their mail goes (`exchange`). */
export function records(exchange) {
  const key = publicKey.export({ type: "spki", format: "der" }).toString("base64").match(/.{1,200}/g);
  const text = [`"v=DKIM1; k=rsa; p="`, ...key.map((part) => `"${part}"`)].join(" ");
  let zone = "";
  for (let number = 0; number < DOMAINS; number++) {
    const name = domain(number);
    zone += `${name}. MX 10 ${exchange}.\n${name}. TXT "v=spf1 ip4:${SENDER_ADDRESS} -all"\n_dmarc.${name}. TXT "v=DMARC1; p=reject"\nbench._domainkey.${name}. TXT ${text}\n`;
  }
  return zone;
}

/** A message from a domain to an account, signed. No two are the same. */
export function letterIn(of, to) {
  const from = `bea@${domain(of)}`;
  const fields = header(from, to);
  const unsigned = `dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain(of)}; s=bench; h=from:to:subject:date:message-id; bh=${bodyHash}; b=`;
  const canonical = fields.map(([name, value]) => `${name.toLowerCase()}:${value}\r\n`).join("") + unsigned;
  const signature = sign("RSA-SHA256", Buffer.from(canonical), privateKey).toString("base64");
  return { from, to, octets: written([["DKIM-Signature", unsigned.slice(unsigned.indexOf(":") + 1) + signature], ...fields]) };
}

/** A message from an account to a domain, as it is handed in. */
export function letterOut(of, to) {
  const [from, recipient] = [account(of), `bea@${domain(to)}`];
  return { from, to: recipient, octets: written(header(from, recipient)) };
}

function header(from, to) {
  const number = drawn++;
  return [["From", from], ["To", to], ["Subject", `Message ${number}`], ["Date", "Thu, 1 Oct 2026 08:00:00 +0000"], ["Message-ID", `<${process.pid}.${number}@bench.example>`]];
}

const written = (fields) => Buffer.from(fields.map(([name, value]) => `${name}: ${value}\r\n`).join("") + "\r\n" + body, "latin1");
