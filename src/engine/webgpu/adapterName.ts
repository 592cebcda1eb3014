/** What an adapter says of itself. */
export interface AdapterInfo {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  isFallbackAdapter?: boolean;
}

/** An adapter's name for people, with its driver if it tells: `NVIDIA H100 80GB HBM3 (NVIDIA: 580.159)`. */
export function describeAdapter({ vendor, architecture, device, description }: AdapterInfo): string {
  const name = device || [vendor, architecture].filter(Boolean).join(' ') || 'A graphics adapter without a name';
  return description && description !== name ? `${name} (${description})` : name;
}
