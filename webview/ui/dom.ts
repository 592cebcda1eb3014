export type Child = Node | string | null | undefined | false;

export interface ElementOptions {
  class?: string;
  text?: string;
  title?: string;
  attributes?: Record<string, string | number | boolean | null>;
  on?: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
}

/** Makes an element. There is no way to pass markup or a style attribute: the content security policy forbids the one, taste the other. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return dress(document.createElement(tag), options, children);
}

/** The same for elements whose tag the DOM's types do not know. */
export function customElement(tag: string, options: ElementOptions = {}, ...children: Child[]): HTMLElement {
  return dress(document.createElement(tag), options, children);
}

function dress<T extends HTMLElement>(node: T, options: ElementOptions, children: Child[]): T {
  if (options.class) node.className = options.class;
  if (options.text !== undefined) node.textContent = options.text;
  if (options.title) node.title = options.title;
  for (const [name, value] of Object.entries(options.attributes ?? {})) setAttribute(node, name, value);
  for (const [type, listener] of Object.entries(options.on ?? {})) node.addEventListener(type, listener as EventListener);
  for (const child of children) if (child) node.append(child);
  return node;
}

/** Sets, or with false and null removes, an attribute; leaves the DOM alone when nothing changes. */
export function setAttribute(node: Element, name: string, value: string | number | boolean | null): void {
  if (value === false || value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** Sets the text; leaves the DOM alone when nothing changes, so that live numbers cost no layout. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setHidden(node: HTMLElement, isHidden: boolean): void {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}

export function replaceChildren(node: Element, ...children: Child[]): void {
  node.replaceChildren(...children.filter((c): c is Node | string => Boolean(c)));
}

let lastId = 0;
/** An id for aria-labelledby and the like. */
export function uniqueId(prefix: string): string {
  return `${prefix}-${++lastId}`;
}
