// The HTTP API as a program calls it: with a session, without a browser.
import { once } from "node:events";
import { request } from "node:https";

/** Calls `origin`; keeps the cookies it gets. A body is JSON, unless it is octets. The answer's `body` is what the JSON says, or text. */
export function apiClient(origin) {
  const cookies = new Map();
  return async function call(method, path, body, more = {}) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const type = Buffer.isBuffer(body) ? "application/octet-stream" : "application/json";
    const octets = Buffer.isBuffer(body) ? body : body && JSON.stringify(body);
    const headers = { origin, ...(cookie !== "" && { cookie }), ...(octets !== undefined && { "content-type": type, "content-length": Buffer.byteLength(octets) }), ...more };
    const sent = request(`${origin}/api/v1/${path}`, { method, headers, rejectUnauthorized: false, agent: false });
    sent.end(octets);
    const [answer] = await once(sent, "response");
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [name, value] = line.split(";")[0].split("=");
      cookies.set(name, value);
    }
    const text = Buffer.concat(await answer.toArray()).toString();
    const isJson = /json/.test(answer.headers["content-type"]);
    return { status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : text || undefined };
  };
}
