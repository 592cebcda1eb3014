import type { ViewedFile } from '../../src/common/weightsViewProtocol';
import { element, replaceChildren, setHidden } from '../ui/dom';
import { icon } from '../ui/icons';
import { plainButton } from '../ui/nativeControls';

/** A file that can't be shown: what is wrong with it, and what can be done. */
export class FileError {
  readonly root = element('section', { class: 'file-error', attributes: { role: 'alert', hidden: true } });
  private key = '';

  constructor(private readonly onTryAgain: () => void) {}

  /** @param files those that could not be read */
  show(files: ViewedFile[]): void {
    setHidden(this.root, files.length === 0);
    const key = JSON.stringify(files.map((f) => [f.name, f.error]));
    if (key === this.key) return;
    this.key = key;
    replaceChildren(
      this.root,
      icon('warning'),
      element('h1', { text: files.length === 1 ? `${files[0].name} can’t be shown` : 'These files can’t be shown' }),
      ...files.map((f) => element('p', { text: files.length === 1 ? sentence(f.error) : `${f.name}: ${sentence(f.error)}` })),
      plainButton({ label: 'Try Again', kind: 'primary', onPress: this.onTryAgain }),
      element('p', { class: 'hint', text: 'It is read again by itself when it changes on disk.' }),
    );
  }
}

function sentence(text: string | null): string {
  const t = text ?? '';
  return `${t.charAt(0).toUpperCase()}${t.slice(1)}${/[.!?]$/.test(t) ? '' : '.'}`;
}
