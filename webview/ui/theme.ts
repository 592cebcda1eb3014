import type { ColorTheme } from '../../src/common/colorMap';
import { Emitter } from '../../src/base/emitter';

const changed = new Emitter<ColorTheme>();
/** The person chose another colour theme. */
export const onDidChangeTheme = changed.event;

/** The kind of the active theme, from the class VS Code gives the body. */
export function currentTheme(): ColorTheme {
  const classes = document.body.classList;
  if (classes.contains('vscode-high-contrast-light')) return 'high-contrast-light';
  if (classes.contains('vscode-high-contrast')) return 'high-contrast';
  return classes.contains('vscode-light') ? 'light' : 'dark';
}

/** A theme colour as CSS text. */
export function themeColor(variable: string): string {
  return getComputedStyle(document.body).getPropertyValue(variable).trim();
}

/** Starts to watch; once per page. */
export function watchTheme(): void {
  const observer = new MutationObserver(() => changed.fire(currentTheme()));
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
