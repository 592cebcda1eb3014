import * as assert from 'node:assert/strict';
import { readOne, rows } from './readOne';

describe('Classes of a script that build models', () => {
  it('take methods from the class that they derive from, and their own before those', async () => {
    const model = await readOne(`
class Base {
  size = 4;
  constructor(readonly classes: number) { this.model = this.build(); }
  head() { return tf.layers.dense({units: this.classes}); }
  build() { return tf.sequential({layers: [tf.layers.dense({units: this.size, inputShape: [3]}), this.head()]}); }
}
class Middle extends Base {}
class Net extends Middle {
  head() { return tf.layers.dense({units: 2 * this.classes}); }
}
new Net(5);`);
    assert.deepEqual(rows(model), ['Dense 4 16', 'Dense 10 50']);
  });

  it("reach the method that they replace with super, and the base's constructor before their fields", async () => {
    const model = await readOne(`
class Base {
  units = 2;
  build() { const m = tf.sequential(); m.add(tf.layers.dense({units: this.units, inputShape: [1]})); return m; }
}
class Net extends Base {
  private wide = this.units * 3;
  constructor() { super(); this.units = 7; }
  build() { const m = super.build(); m.add(tf.layers.dense({units: this.wide})); return m; }
}
new Net().build();`);
    assert.deepEqual(rows(model), ['Dense 7 14', 'Dense 6 48']);
  });

  it('keep private members, static ones and those of their ancestors, and getters of objects', async () => {
    const model = await readOne(`
class Sizes { static hidden = 6; static out() { return this.hidden / 2; } }
class More extends Sizes {}
class Net {
  #units = More.hidden;
  #head() { return tf.layers.dense({units: More.out()}); }
  make() { return tf.sequential({layers: [tf.layers.dense({units: this.#units, inputShape: [2]}), this.#head()]}); }
}
const app = { net: new Net(), get model() { return this.net.make(); } };
app.model;`);
    assert.deepEqual(rows(model), ['Dense 6 18', 'Dense 3 21']);
  });

  it('may be functions with a prototype', async () => {
    const model = await readOne(
      `
function Net(units) { this.units = units; }
Net.INPUT = 3;
Net.prototype.build = function () { return tf.sequential({layers: [tf.layers.dense({units: this.units, inputShape: [Net.INPUT]})]}); };
new Net(4).build();`,
      'model.js',
    );
    assert.deepEqual(rows(model), ['Dense 4 16']);
  });
});
