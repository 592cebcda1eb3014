/** Our own 16 × 16 icons, as paths; no font has to be loaded. */
const PATHS = {
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 2.5h3v11H4zM9 2.5h3v11H9z',
  stop: 'M3.5 3.5h9v9h-9z',
  step: 'M3 2.5v11l6.5-5.5zM11 2.5h2v11h-2z',
  rewind: 'M13 2.5v11L6.5 8zM3 2.5h2v11H3z',
  restart: 'M8 2.5a5.5 5.5 0 1 0 5.4 6.6h-1.6A4 4 0 1 1 8 4c1.1 0 2.1.45 2.8 1.2L9 7h5V2l-2.1 2.1A5.5 5.5 0 0 0 8 2.5z',
  previous: 'M10.5 2.5 5 8l5.5 5.5 1-1L7 8l4.5-4.5z',
  next: 'm5.5 2.5 5.5 5.5-5.5 5.5-1-1L9 8 4.5 3.5z',
  close: 'm3.5 4.5 1-1L8 7l3.5-3.5 1 1L9 8l3.5 3.5-1 1L8 9l-3.5 3.5-1-1L7 8z',
  source: 'M9.5 2h4.5v4.5h-1.5V4.6L7.6 9.5 6.5 8.4l4.9-4.9H9.5zM2 4h5v1.5H3.5v7h7V9H12v5H2z',
  warning: 'M8 1.5 15 14H1zM7.2 6v4.2h1.6V6zm0 5.2v1.6h1.6v-1.6z',
  info: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM7.2 4.4h1.6V6H7.2zm0 2.6h1.6v4.6H7.2z',
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon in the text's colour. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}
