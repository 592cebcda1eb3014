/** `2026-11-23T20-48-25-classifier`: sorts by time and is a legal file name everywhere. */
export function runName(time: Date, modelName: string): string {
  const stamp = time.toISOString().slice(0, 19).replace(/:/g, '-');
  const model = modelName.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 40);
  return `${stamp}-${model || 'model'}`;
}
