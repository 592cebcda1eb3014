import * as vscode from 'vscode';
import type { SeedStudyAsked, SeedStudyService } from '../training/seedStudyService';
import type { SeedsPanel } from './seedsPanel';

/** Five runs begin to tell; each more costs as much as the first. */
const USUAL = 5;
const MOST = 50;

/** Asks how many seeds, trains them in the background and shows what they have in common. Resolves when that is done. */
export async function compareSeeds(
  uri: vscode.Uri,
  study: SeedStudyService,
  panel: SeedsPanel,
  asked: Partial<SeedStudyAsked> = {},
): Promise<void> {
  if (study.isBusy) return panel.show();
  const spec = await study.modelOf(uri, asked.modelName);
  const seeds = asked.seeds ?? (await askHowMany(spec.name));
  if (seeds === null) return;
  const opening = study.onDidChange((what) => what === 'state' && panel.show());
  try {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: `Comparing ${seeds} seeds` }, async (progress) => {
      const telling = study.onDidChange(() => {
        const runs = study.state?.runs ?? [];
        progress.report({ message: `${runs.filter((r) => r.phase === 'finished').length} of ${runs.length} runs` });
      });
      try {
        await study.compare(uri, { ...asked, modelName: spec.name, seeds });
      } finally {
        telling.dispose();
      }
    });
  } finally {
    opening.dispose();
  }
}

async function askHowMany(model: string): Promise<number | null> {
  const text = await vscode.window.showInputBox({
    title: `Compare Seeds of ${model}`,
    prompt: 'How many runs? They differ in nothing but their seed. From five on, their spread begins to tell.',
    value: String(USUAL),
    validateInput: (value) => (countOf(value) === null ? `Type a whole number from 2 to ${MOST}.` : undefined),
  });
  return text === undefined ? null : countOf(text);
}

function countOf(text: string): number | null {
  const count = Number(text);
  return text.trim() !== '' && Number.isInteger(count) && count >= 2 && count <= MOST ? count : null;
}
