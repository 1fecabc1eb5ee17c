// Work that has no place of its own on the page where a failure could stand: the failure is announced.
import { announce } from "./announce.ts";
import { problemText } from "./problem.ts";

/** Runs `job`; what goes wrong is said in words. */
export async function attempt(job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (error) {
    announce(problemText(error));
  }
}
