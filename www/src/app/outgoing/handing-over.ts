// Hands a message over to the server, once. There is no name by which the server would know one that comes again; so whoever hears no
// answer asks it what it has (`matching.ts`), and says that they do not know where that does not tell either.
// Not here: what is in the message (`compose/letter.ts`), what its writer decides then (`compose/sending.ts`).
import { ApiError, upload } from "../api.ts";
import { app } from "../state.ts";
import type { Report } from "../work.ts";
import { matching, type Handover } from "./matching.ts";
import { take } from "./records.ts";
import { listOutgoing } from "./requests.ts";

/** An answer may be lost before the message is in the list. */
const LOOKS_MILLISECONDS = [0, 1_000, 3_000];

/** No answer came, and the server has not told whether it has the message. */
export class Unheard extends Error {
  readonly code = "send-unheard";
  constructor(readonly handover: Handover) {
    super("it is not known whether the message was taken");
  }
}

/** Begins one. Rejects where the server cannot be asked; then nothing was sent. */
export async function begin(mail: Blob, recipients: string[], signal: AbortSignal): Promise<Handover> {
  const records = await listOutgoing(signal);
  take(records);
  return { mail, recipients, before: new Set(records.map(({ id }) => id)) };
}

/** What the message goes by once the server has it. Rejects with `Unheard` where that is not known, and with anything else where it was not taken. */
export async function handOver(handover: Handover, signal: AbortSignal, report: Report): Promise<string> {
  const { words } = app;
  const { mail, recipients } = handover;
  let done = 0;
  const onProgress = (octets: number): void => {
    done = octets;
    if (done < mail.size) report(words.uploading, done, mail.size);
    else report(words.awaitingServer);
  };
  report(words.uploading, 0, mail.size);
  try {
    const answer = (await upload("POST", "outgoing", mail, { headers: { "envelock-recipients": recipients.map(encodeURIComponent).join(",") }, onProgress, signal })) as { id?: unknown } | null;
    if (typeof answer?.id === "string") return answer.id;
  } catch (error) {
    if (error instanceof ApiError && error.isRefusal) throw { ...error, code: REFUSALS[error.code] ?? error.code };
    if (!(error instanceof ApiError) && !signal.aborted) throw error;
  }
  const id = await lookFor(handover);
  if (id !== undefined) return id;
  // Of a message that did not leave whole nobody has anything.
  if (signal.aborted && done < mail.size) throw new DOMException("cancelled", "AbortError");
  throw new Unheard(handover);
}

/** Whether the server has it meanwhile, by what it goes then; `undefined` as well where it cannot be asked. */
export async function lookFor(handover: Handover, looks: readonly number[] = LOOKS_MILLISECONDS): Promise<string | undefined> {
  for (const pause of looks) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const records = await listOutgoing().catch(() => undefined);
    if (records === undefined) continue;
    take(records);
    const id = matching(records, handover);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** What the server refuses for other reasons here than elsewhere. */
const REFUSALS: Readonly<Record<string, string>> = { "not-found": "sends-no-mail", "storage-full": "too-many-waiting", "invalid-request": "mail-refused" };
