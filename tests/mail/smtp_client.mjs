// The client's half of SMTP (RFC 5321), word for word: what a mail server, a mail program or an attacker says.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import tls from "node:tls";

const LIMIT = 120_000;
const GREETING = 10_000;

/** A conversation; `from` is the address of this machine that it comes from. */
export class Smtp {
  #socket;
  #text = "";

  constructor(socket) {
    this.#adopt(socket);
  }

  /** Whose connection got lost in a crowd, before the server saw it, hears no greeting and comes again. */
  static async open({ port, host = "127.0.0.1", from = "127.0.0.1" }) {
    for (let tries = 0; tries < 20; tries += 1) {
      const socket = connect({ port, host, localAddress: from });
      await once(socket, "connect");
      const smtp = new Smtp(socket);
      const greeting = await smtp.reply(GREETING).catch(() => "");
      if (greeting.startsWith("220")) return smtp;
      socket.destroy();
    }
    throw new Error("no greeting");
  }

  /** With TLS from the first octet, by an authority in a file. */
  static async openSecured({ port, authority }) {
    const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca: await readFile(authority) });
    await once(socket, "secureConnect");
    const smtp = new Smtp(socket);
    await smtp.expect(220);
    return smtp;
  }

  #adopt(socket) {
    this.#socket = socket;
    this.#text = "";
    socket.on("data", (chunk) => (this.#text += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => (this.closed = true));
  }

  write(octets) {
    this.#socket.write(typeof octets === "string" ? Buffer.from(octets, "latin1") : octets);
  }

  /** The next reply, whole; "" if the server has gone. */
  async reply(limit = LIMIT) {
    const deadline = Date.now() + limit;
    for (;;) {
      const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(this.#text);
      if (whole) {
        this.#text = this.#text.slice(whole[0].length);
        return whole[0];
      }
      if (this.closed) return "";
      if (Date.now() > deadline) throw new Error(`no reply, but ${JSON.stringify(this.#text)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async expect(code) {
    const reply = await this.reply();
    assert.equal(reply.slice(0, 3), String(code), reply);
    return reply;
  }

  async say(command) {
    this.write(`${command}\r\n`);
    return this.reply();
  }

  async sayFor(command, code) {
    const reply = await this.say(command);
    assert.equal(reply.slice(0, 3), String(code), `${command}: ${reply}`);
    return reply;
  }

  async startTls(authority) {
    await this.sayFor("STARTTLS", 220);
    this.#socket.removeAllListeners();
    const socket = tls.connect({ socket: this.#socket, servername: "localhost", ca: await readFile(authority) });
    await once(socket, "secureConnect");
    this.#adopt(socket);
  }

  /** The reply to a login. */
  login(name, password) {
    return this.say(`AUTH PLAIN ${Buffer.from(`\0${name}\0${password}`).toString("base64")}`);
  }

  /**
   * Brings a message, lines ended as they come; gives the last reply. An address that was never asked about takes Postfix some seconds,
   * after which it asks to come again.
   */
  async bring({ from, to, message }) {
    await this.sayFor(`MAIL FROM:<${from}>`, 250);
    let reply;
    for (let tries = 0; tries < 10; tries += 1) {
      reply = await this.say(`RCPT TO:<${to}>`);
      if (!reply.startsWith("450")) break;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    if (!reply.startsWith("250")) return reply;
    await this.sayFor("DATA", 354);
    this.write(`${message.replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..")}\r\n.\r\n`);
    return this.reply();
  }

  async quit() {
    const reply = await this.say("QUIT");
    this.#socket.destroy();
    return reply;
  }

  destroy() {
    this.#socket.destroy();
  }
}
