// Hash routes: which page the address names.

/** The pages. */
export type Route =
  | { page: "compose" }
  | { page: "links" }
  | { page: "link"; id: string }
  | { page: "reply"; id: string; number: number }
  | { page: "keys" }
  | { page: "new-key" }
  | { page: "import" }
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
    case "keys":
      if (first === "new") return { page: "new-key" };
      if (first === "import") return { page: "import" };
      return first === undefined || first === "" ? { page: "keys" } : { page: "key", fingerprint: first.toUpperCase() };
    default:
      if (first === undefined || first === "") return { page: "links" };
      if (second === "replies" && /^\d{1,3}$/.test(third ?? "")) return { page: "reply", id: first, number: Number(third) };
      return { page: "link", id: first };
  }
}

/** The list a page belongs to: where Escape goes. */
export function listOf(route: Route): "#/links" | "#/keys" {
  return route.page === "key" || route.page === "new-key" || route.page === "import" || route.page === "keys" ? "#/keys" : "#/links";
}

/** Goes to a page. */
export function go(hash: string): void {
  location.hash = hash;
}
