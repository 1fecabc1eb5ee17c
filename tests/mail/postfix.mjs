// Postfix of this machine's Debian, in a folder of its own: its files in `postfix` below it, its queue, data and log beside them. It needs root.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const START_LIMIT = 60_000;
// Where Debian has servers, whoever became root, and how.
process.env.PATH += ":/usr/sbin";

/** What Postfix passes mail on by within itself (`master.cf`), into mailboxes of others too; what listens and what sends is for who uses it. */
export const INSIDE = `cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/** Number of a user and of its group. */
export async function ids(name) {
  const [user, group] = await Promise.all(["-u", "-g"].map(async (option) => Number((await run("id", [option, name])).stdout)));
  return { user, group };
}

/** Makes its folders; gives the lines of `main.cf` that say where they are. */
export async function postfixFolders(folder) {
  if (process.getuid() !== 0) throw new Error("Postfix is started by root: run this as root");
  const at = (name) => join(folder, name);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  for (const name of ["postfix", "spool", "data"]) await mkdir(at(name));
  const { user, group } = await ids("postfix");
  await chown(at("data"), user, group);
  return `\nqueue_directory = ${at("spool")}\ndata_directory = ${at("data")}\nmaillog_file = ${at("postfix.log")}\nmaillog_file_prefixes = ${folder}\n`;
}

/** Starts what its files say, until somebody answers at each of these places. */
export async function runPostfix(folder, places) {
  const command = (name) => run("postfix", ["-c", join(folder, "postfix"), name]);
  const log = () => readFile(join(folder, "postfix.log"), "utf8").catch(() => "");
  await command("start").catch(async ({ message }) => Promise.reject(new Error(message + (await log()))));
  for (const { address, port } of places) await answers(address, port, log);
  return { log, stop: () => command("stop").catch(() => command("abort").catch(() => {})) };
}

/** Until somebody does; `log` tells what went wrong if nobody does in time. */
export async function answers(address, port, log) {
  for (const deadline = Date.now() + START_LIMIT; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const socket = connect(port, address);
    const is = await once(socket, "connect").then(() => true, () => false);
    socket.destroy();
    if (is) return;
    if (Date.now() > deadline) throw new Error(`nobody answers at ${address}:${port}: ${await log()}`);
  }
}
