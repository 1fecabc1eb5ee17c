// The HTTP API as a program calls it: with a session, without a browser.
import { once } from "node:events";
import { request } from "node:https";

/** Calls `origin`; keeps the cookies it gets. The answer's `body` is what the JSON says. */
export function apiClient(origin) {
  const cookies = new Map();
  return async function call(method, path, body) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { origin, ...(cookie !== "" && { cookie }), ...(body !== undefined && { "content-type": "application/json" }) };
    const sent = request(`${origin}/api/v1/${path}`, { method, headers, rejectUnauthorized: false, agent: false });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = await once(sent, "response");
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [name, value] = line.split(";")[0].split("=");
      cookies.set(name, value);
    }
    const text = Buffer.concat(await answer.toArray()).toString();
    return { status: answer.statusCode, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
}
