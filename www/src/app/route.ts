// Hash routes: which page the address names.

const KEY_TASKS = ["new", "import", "find", "backup", "restore", "settings", "log"] as const;
/** What is done on a page of its own under Keys. */
export type KeyTask = (typeof KEY_TASKS)[number];

/** The pages. */
export type Route =
  | { page: "inbox" }
  | { page: "mail"; id: string }
  | { page: "compose" }
  | { page: "sent" }
  | { page: "sent-mail"; id: string }
  | { page: "links" }
  | { page: "link"; id: string }
  | { page: "reply"; id: string; number: number }
  | { page: "drafts" }
  | { page: "draft"; id: string }
  | { page: "keys" }
  | { page: "key-task"; task: KeyTask }
  | { page: "key"; fingerprint: string }
  | { page: "settings" }
  | { page: "help" };

/** The page of a hash such as "#/links/abc"; anything unknown is the list of links. */
export function readRoute(hash: string): Route {
  const [page = "", first, second, third] = hash.replace(/^#\/?/, "").split("/");
  switch (page) {
    case "compose":
    case "settings":
    case "help":
      return { page };
    case "inbox":
      return first === undefined || first === "" ? { page } : { page: "mail", id: first };
    case "sent":
      return first === undefined || first === "" ? { page } : { page: "sent-mail", id: first };
    case "drafts":
      return first === undefined || first === "" ? { page } : { page: "draft", id: first };
    case "keys": {
      const task = KEY_TASKS.find((name) => name === first);
      if (task !== undefined) return { page: "key-task", task };
      return first === undefined || first === "" ? { page: "keys" } : { page: "key", fingerprint: first.toUpperCase() };
    }
    default:
      if (first === undefined || first === "") return { page: "links" };
      if (second === "replies" && /^\d{1,3}$/.test(third ?? "")) return { page: "reply", id: first, number: Number(third) };
      return { page: "link", id: first };
  }
}

/** The list a page belongs to: where Escape goes. */
export function listOf(route: Route): "#/inbox" | "#/sent" | "#/links" | "#/drafts" | "#/keys" {
  if (isMail(route)) return "#/inbox";
  if (isSent(route)) return "#/sent";
  if (route.page === "drafts" || route.page === "draft") return "#/drafts";
  return isAboutKeys(route) ? "#/keys" : "#/links";
}

/** Whether a page belongs to Keys. */
export function isAboutKeys(route: Route): boolean {
  return route.page === "keys" || route.page === "key" || route.page === "key-task";
}

/** Whether a page belongs to mail that arrived. */
export function isMail(route: Route): boolean {
  return route.page === "inbox" || route.page === "mail";
}

/** Whether a page belongs to mail that was sent. */
export function isSent(route: Route): boolean {
  return route.page === "sent" || route.page === "sent-mail";
}

/** Goes to a page. */
export function go(hash: string): void {
  location.hash = hash;
}
