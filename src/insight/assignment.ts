/**
 * The assignment of n rows to n columns with the largest sum: shortest augmenting paths with potentials (Kuhn 1955; Jonker & Volgenant
 * 1987), O(n³).
 * @param value n × n, row by row, finite
 * @returns for every row its column
 */
export function bestAssignment(value: Float64Array, n: number): Int32Array {
  // One-based with a virtual row and column 0, costs being the negated values.
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(n + 1);
  const rowOf = new Int32Array(n + 1);
  const previous = new Int32Array(n + 1);
  const slack = new Float64Array(n + 1);
  const isVisited = new Uint8Array(n + 1);
  for (let row = 1; row <= n; row++) {
    rowOf[0] = row;
    let column = 0;
    slack.fill(Infinity);
    isVisited.fill(0);
    do {
      isVisited[column] = 1;
      const from = rowOf[column];
      let step = Infinity;
      let next = 0;
      for (let j = 1; j <= n; j++) {
        if (isVisited[j]) continue;
        const reduced = -value[(from - 1) * n + j - 1] - rowPotential[from] - columnPotential[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j] < step) {
          step = slack[j];
          next = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (isVisited[j]) {
          rowPotential[rowOf[j]] += step;
          columnPotential[j] -= step;
        } else slack[j] -= step;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const from = previous[column];
      rowOf[column] = rowOf[from];
      column = from;
    }
  }
  const columnOf = new Int32Array(n);
  for (let j = 1; j <= n; j++) columnOf[rowOf[j] - 1] = j - 1;
  return columnOf;
}
