// How mail to an address travels, by what the server finds out about its domain: asked once for each while the page is open.
import { addressOf } from "envelock/worker";
import { update } from "../state.ts";
import { askTransport, type Transport } from "./requests.ts";

/** After this long it is asked again: what could not be told may be known by now. */
const GOOD_FOR_MILLISECONDS = 600_000;
/** What went wrong, or is unknown, is asked again sooner. */
const AGAIN_MILLISECONDS = 30_000;

interface Answer {
  transport: Transport | undefined;
  until: number;
}
const answers = new Map<string, Answer>();

/** The mark of an address; undefined while it is being asked. */
export function transportTo(address: string): Transport | undefined {
  const domain = addressOf(address)?.split("@")[1];
  if (domain === undefined) return "unknown";
  const known = answers.get(domain);
  if (known !== undefined && Date.now() < known.until) return known.transport;
  // One question at a time, and none with every draw.
  answers.set(domain, { transport: known?.transport, until: Number.POSITIVE_INFINITY });
  queueMicrotask(() => void ask(domain));
  return known?.transport;
}

async function ask(domain: string): Promise<void> {
  const transport = await askTransport(domain).catch((): Transport => "unknown");
  answers.set(domain, { transport, until: Date.now() + (transport === "unknown" ? AGAIN_MILLISECONDS : GOOD_FOR_MILLISECONDS) });
  update();
}
