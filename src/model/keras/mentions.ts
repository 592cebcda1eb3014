/** All names and attribute names in a piece of syntax tree. */
export function mentionedNames(node: unknown): Set<string> {
  const found = new Set<string>();
  const stack: unknown[] = [node];
  while (stack.length > 0) {
    const item = stack.pop();
    if (Array.isArray(item)) stack.push(...item);
    else if (typeof item === 'object' && item !== null) {
      const part = item as { kind?: string; id?: string; name?: unknown };
      if (part.kind === 'name' && part.id !== undefined) found.add(part.id);
      else if (part.kind === 'attribute' && typeof part.name === 'string') found.add(part.name);
      for (const [key, value] of Object.entries(item)) if (key !== 'range' && typeof value === 'object') stack.push(value);
    }
  }
  return found;
}

/** The variable of the first `for` loop over a name (or over a slice or enumeration of it); null when there is none. */
export function loopTarget(node: unknown, name: string): string | null {
  if (Array.isArray(node)) {
    for (const item of node) {
      const found = loopTarget(item, name);
      if (found !== null) return found;
    }
    return null;
  }
  if (typeof node !== 'object' || node === null) return null;
  const part = node as { kind?: string; target?: unknown; iterable?: unknown };
  if (part.iterable !== undefined && part.target !== undefined && isOver(part.iterable, name)) {
    return [...mentionedNames(part.target)].at(-1) ?? name;
  }
  return loopTarget(
    Object.entries(node).flatMap(([key, value]) => (key === 'range' ? [] : [value])),
    name,
  );
}

function isOver(node: unknown, name: string): boolean {
  const part = node as {
    kind?: string;
    id?: string;
    object?: unknown;
    callee?: { kind?: string; id?: string };
    arguments?: { value: unknown }[];
  };
  if (part.kind === 'name') return part.id === name;
  if (part.kind === 'subscript') return isOver(part.object, name);
  const isEnumeration =
    part.kind === 'call' && part.callee?.kind === 'name' && /^(enumerate|reversed|list|zip)$/.test(part.callee.id ?? '');
  return isEnumeration && (part.arguments ?? []).some((a) => isOver(a.value, name));
}

/** Whether a name stands in a tuple or list beside other things, as a size does in `(3, size, size)`. */
export function standsInTuple(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((item) => standsInTuple(item, name));
  if (typeof node !== 'object' || node === null) return false;
  const { kind, items } = node as { kind?: string; items?: unknown };
  const isName = (item: unknown): boolean => {
    const part = item as { kind?: string; id?: string };
    return part.kind === 'name' && part.id === name;
  };
  if (kind === 'sequence' && Array.isArray(items) && items.length > 1 && items.some(isName)) return true;
  return Object.entries(node).some(([key, value]) => key !== 'range' && standsInTuple(value, name));
}
