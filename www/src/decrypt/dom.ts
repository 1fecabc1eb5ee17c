// Builds DOM nodes for the decrypt page without a template library. Text goes in as text nodes only, so nothing a sender
// writes can become markup.

type Child = Node | string | false | null | undefined;

/** Properties are set as DOM properties, except names with a dash or `role`, which become attributes; `on…` are listeners. */
type Properties = Record<string, unknown>;

/** One element with its properties and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, properties: Properties = {}, ...children: Child[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (name.includes("-") || name === "role" || name === "for" || name === "list") element.setAttribute(name, String(value));
    else (element as unknown as Properties)[name] = value;
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined && child !== null && child !== false));
  return element;
}

/** A button that does not submit. */
export function button(label: string, onclick: () => void, className = ""): HTMLButtonElement {
  return h("button", { type: "button", className, onclick }, label);
}

/** A label above its field, joined by id. */
export function field(label: string, control: HTMLElement, note?: string): HTMLDivElement {
  control.id ||= `field-${(fieldCount += 1)}`;
  if (note !== undefined) control.setAttribute("aria-describedby", `${control.id}-note`);
  return h("div", { className: "field" }, h("label", { for: control.id }, label), control, note !== undefined && h("p", { className: "note", id: `${control.id}-note` }, note));
}
let fieldCount = 0;
