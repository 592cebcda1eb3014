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
