import * as vscode from 'vscode';
import type { ColorTheme } from '../common/colorMap';

/** The kind of the colour theme that is on. */
export function activeTheme(): ColorTheme {
  switch (vscode.window.activeColorTheme.kind) {
    case vscode.ColorThemeKind.Light:
      return 'light';
    case vscode.ColorThemeKind.HighContrastLight:
      return 'high-contrast-light';
    case vscode.ColorThemeKind.HighContrast:
      return 'high-contrast';
    default:
      return 'dark';
  }
}
