import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { Commands, ContextKeys, InternalCommands, Settings, Views, Walkthroughs } from '../../../src/ids';

const text = fs.readFileSync('package.json', 'utf8');
const pkg = JSON.parse(text) as {
  activationEvents: string[];
  contributes: {
    commands: { command: string }[];
    views: Record<string, { id: string }[]>;
    viewsContainers: { activitybar: { id: string }[] };
    configuration: { properties: Record<string, unknown> };
    walkthroughs: { id: string; steps: { media: { markdown: string } }[] }[];
    menus: Record<string, { command: string; when: string }[]>;
    customEditors?: { viewType: string }[];
  };
};
const nls = JSON.parse(fs.readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const sorted = (values: Iterable<string>) => [...values].sort();

describe('ids.ts and package.json', () => {
  const { contributes } = pkg;

  it('have the same commands', () => {
    assert.deepEqual(sorted(contributes.commands.map((c) => c.command)), sorted(Object.values(Commands)));
  });

  it('keep internal commands out of the palette', () => {
    for (const id of Object.values(InternalCommands)) assert.ok(!contributes.commands.some((c) => c.command === id), id);
  });

  it('have the same views, container and panel', () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map((c) => c.id),
      [Views.container],
    );
    assert.deepEqual(sorted(contributes.views[Views.container].map((v) => v.id)), sorted([Views.layers, Views.gallery]));
    assert.ok(pkg.activationEvents.includes(`onWebviewPanel:${Views.panel}`));
  });

  it('have the same settings and walkthrough', () => {
    assert.deepEqual(sorted(Object.keys(contributes.configuration.properties)), sorted(Object.values(Settings)));
    assert.deepEqual(
      contributes.walkthroughs.map((w) => w.id),
      Object.values(Walkthroughs),
    );
  });

  it('name only known commands and context keys in menus', () => {
    const keys: string[] = Object.values(ContextKeys);
    const places: string[] = [Views.layers, Views.gallery];
    for (const item of Object.values(contributes.menus).flat()) {
      assert.ok((Object.values(Commands) as string[]).includes(item.command), item.command);
      for (const [word] of item.when.matchAll(/kernelscope\.[A-Za-z]+/g))
        assert.ok([...keys, ...places].includes(word), `${word} in "${item.when}"`);
    }
  });

  it('translate every %key%, and nothing else', () => {
    const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map((m) => m[1]));
    assert.deepEqual(sorted(used), sorted(Object.keys(nls)));
  });

  it('point at files that exist', () => {
    const icons = [...text.matchAll(/"(media\/[^"]+)"/g)].map((m) => m[1]);
    assert.ok(icons.length > 5);
    for (const file of icons) assert.ok(fs.existsSync(file), file);
  });

  it('document every setting', () => {
    for (const [id, property] of Object.entries(contributes.configuration.properties)) {
      const key = (property as { markdownDescription: string }).markdownDescription.slice(1, -1);
      assert.ok(nls[key].length > 30, id);
    }
  });
});
