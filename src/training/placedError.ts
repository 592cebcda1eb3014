import type * as vscode from 'vscode';
import type { SourceRange } from '../common/modelSpec';

/** Something in a file stops what the person asked for: whoever shows the message can lead to the place. */
export class PlacedError extends Error {
  constructor(
    message: string,
    readonly uri: vscode.Uri,
    readonly range: SourceRange,
  ) {
    super(message);
  }
}
