import { ByteReader } from '../byteReader';
import { damaged, WeightError } from '../weightError';
import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PicklePersistent,
  PickleTuple,
  type PickleValue,
} from './pickleValue';
import { reduce } from './reduce';
import { unescapePython, unescapeUnicode } from './unescapePython';

/** Text and bytes longer than this stay in the file. */
const INLINE = 4096;
/** Far beyond any real weight file: a hostile one takes time and fills memory otherwise. */
const MAX_OBJECTS = 8_000_000;
/** Of all that a pickle makes, by `WEIGHT`: a state dictionary takes about 1.4 kB a tensor. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Bytes that V8 takes, at most, for things of each kind on a 64-bit machine; measured, and rounded up. */
const WEIGHT = { item: 8, text: 32, tuple: 88, list: 88, dict: 248, entry: 56, object: 72, reference: 56, memo: 48 };
const MAX_STACK = 400_000;
const MAX_MARKS = 100_000;
const MAX_LINE = 256 * 1024 * 1024;
const MAX_INTEGER_BYTES = 1024;

export interface Pickle {
  value: PickleValue;
  /** One past the STOP. */
  end: number;
  /** Every class and function it names. */
  globals: Map<string, PickleGlobal>;
  /** What it refers to outside of itself, in order. */
  persistents: PicklePersistent[];
}

/** A protocol number up to 5, or an opcode with which protocol 0 begins a container, number or name. */
export function looksLikePickle(head: Uint8Array): boolean {
  if (head[0] === 0x80) return head[1] >= 2 && head[1] <= 5 && head.length > 2;
  return (
    head.length > 4 &&
    '(]}cl'.includes(String.fromCharCode(head[0])) &&
    /^[(\]}cl][(dlcpq\nSVINFLK\]}]/.test(String.fromCharCode(head[0], head[1]))
  );
}

/**
 * Reads one pickle, protocols 0 to 5, without executing it: names stay names, calls stay descriptions of calls.
 * Opcodes: Lib/pickletools.py of CPython.
 * @throws WeightError at the byte where it is no pickle, or when it would fill memory.
 */
export function readPickle(reader: ByteReader): Pickle {
  return new Machine(reader).run();
}

class Machine {
  private stack: PickleValue[] = [];
  private readonly marks: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly globals = new Map<string, PickleGlobal>();
  private readonly persistents: PicklePersistent[] = [];
  private objects = 0;
  private bytes = 0;
  private depth = 0;
  /** Of the opcode being read. */
  private at = 0;

  constructor(private readonly r: ByteReader) {}

  run(): Pickle {
    for (;;) {
      this.at = this.r.offset;
      const op = this.r.u8();
      if (op === 0x2e) return { value: this.pop(), end: this.r.offset, globals: this.globals, persistents: this.persistents };
      this.step(op);
    }
  }

  private step(op: number): void {
    const r = this.r;
    switch (String.fromCharCode(op)) {
      case '(':
        this.depth += this.stack.length;
        this.marks.push(this.stack);
        this.stack = [];
        return this.guard();
      case '0':
        if (this.stack.length > 0) this.stack.pop();
        else this.popMark();
        return;
      case '1':
        return void this.popMark();
      case '2':
        return this.push(this.top());
      case 'N':
        return this.push(null);
      case '\x88':
        return this.push(true);
      case '\x89':
        return this.push(false);
      case 'I':
        return this.push(this.integerLine());
      case 'L':
        return this.push(this.bigLine());
      case 'F':
        return this.push(Number(this.text()));
      case 'G':
        return this.push(this.bigEndianDouble());
      case 'J':
        return this.push(r.i32());
      case 'K':
        return this.push(r.u8());
      case 'M':
        return this.push(r.u16());
      case '\x8a':
        return this.push(this.long(r.u8()));
      case '\x8b':
        return this.push(this.long(r.u32()));
      case 'S':
        return this.pushString(unescapePython(latin1(r.line(MAX_LINE))));
      case 'V':
        return this.pushString(unescapeUnicode(latin1(r.line(MAX_LINE))));
      case 'T':
        return this.pushOldString(r.u32());
      case 'U':
        return this.pushOldString(r.u8());
      case 'X':
        return this.pushText(r.u32());
      case '\x8c':
        return this.pushText(r.u8());
      case '\x8d':
        return this.pushText(r.u64());
      case 'B':
        return this.pushBytes(r.u32());
      case 'C':
        return this.pushBytes(r.u8());
      case '\x8e':
      case '\x96':
        return this.pushBytes(r.u64());
      case ')':
        return this.pushContainer(new PickleTuple([]));
      case 't':
        return this.pushContainer(new PickleTuple(this.popMark()));
      case '\x85':
        return this.pushContainer(new PickleTuple(this.popMany(1)));
      case '\x86':
        return this.pushContainer(new PickleTuple(this.popMany(2)));
      case '\x87':
        return this.pushContainer(new PickleTuple(this.popMany(3)));
      case ']':
      case '\x8f':
        return this.pushContainer(new PickleList());
      case '}':
        return this.pushContainer(new PickleDict());
      case 'l':
      case '\x91': {
        const list = new PickleList();
        this.extend(list, this.popMark());
        return this.pushContainer(list);
      }
      case 'd': {
        const dict = new PickleDict();
        this.setItems(dict, this.popMark());
        return this.pushContainer(dict);
      }
      case 'a':
        return this.append(this.pop());
      case 'e':
      case '\x90':
        return this.extend(...this.swap(this.popMark()));
      case 's':
        return this.setItems(...this.swap(this.popMany(2)));
      case 'u':
        return this.setItems(...this.swap(this.popMark()));
      case 'c':
        return this.pushGlobal(this.text(), this.text());
      case '\x93': {
        const [module, name] = this.popMany(2);
        return this.pushGlobal(String(module), String(name));
      }
      case 'R':
      case '\x81': {
        const [callable, args] = this.popMany(2);
        return this.pushContainer(reduce(callable, args instanceof PickleTuple ? args.items : []));
      }
      case '\x92': {
        const [callable, args] = this.popMany(3);
        return this.pushContainer(reduce(callable, args instanceof PickleTuple ? args.items : []));
      }
      case 'i': {
        const callable = this.global(this.text(), this.text());
        return this.pushContainer(new PickleObject(callable, this.popMark()));
      }
      case 'o': {
        const [callable, ...args] = this.popMark();
        return this.pushContainer(new PickleObject(callable ?? null, args));
      }
      case 'b': {
        const state = this.pop();
        const object = this.top();
        if (object instanceof PickleObject) object.state = state;
        return;
      }
      case 'p':
        return this.remember(Number(this.text()));
      case 'q':
        return this.remember(r.u8());
      case 'r':
        return this.remember(r.u32());
      case '\x94':
        return this.remember(this.memo.size);
      case 'g':
        return this.recall(Number(this.text()));
      case 'h':
        return this.recall(r.u8());
      case 'j':
        return this.recall(r.u32());
      case 'P':
        return this.pushPersistent(this.text());
      case 'Q':
        return this.pushPersistent(this.pop());
      case '\x80': {
        const protocol = r.u8();
        if (protocol > 5) damaged(`${r.source.label} has a pickle of protocol ${protocol} at byte ${this.at}`);
        return;
      }
      case '\x95':
        return void r.skip(8);
      case '\x97':
        throw new WeightError(
          `the pickle keeps its data outside of the file (byte ${this.at})`,
          'save it with NumPy or PyTorch themselves',
        );
      case '\x98':
        return;
      default:
        damaged(`${r.source.label} has no pickle opcode at byte ${this.at}, but 0x${op.toString(16).padStart(2, '0')}`);
    }
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
    this.guard();
  }

  private pushContainer(value: PickleValue): void {
    this.bytes += weightOf(value);
    this.push(value);
  }

  private pushString(text: string): void {
    this.bytes += WEIGHT.text + text.length;
    this.push(text);
  }

  private guard(): void {
    this.bytes += WEIGHT.item;
    const isTooMuch = ++this.objects > MAX_OBJECTS || this.bytes > MAX_BYTES;
    if (isTooMuch || this.depth + this.stack.length > MAX_STACK || this.marks.length > MAX_MARKS)
      throw new WeightError(`the pickle makes more objects than a weight file has (byte ${this.at})`, 'give a weight file');
  }

  private pop(): PickleValue {
    if (this.stack.length === 0) damaged(`the pickle takes a value where there is none (byte ${this.at})`);
    return this.stack.pop() as PickleValue;
  }

  private top(): PickleValue {
    if (this.stack.length === 0) damaged(`the pickle takes a value where there is none (byte ${this.at})`);
    return this.stack[this.stack.length - 1];
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) damaged(`the pickle takes ${count} values where there are ${this.stack.length} (byte ${this.at})`);
    return this.stack.splice(this.stack.length - count, count);
  }

  private popMark(): PickleValue[] {
    const items = this.stack;
    const before = this.marks.pop();
    if (!before) damaged(`the pickle goes back to a mark that it never set (byte ${this.at})`);
    this.stack = before as PickleValue[];
    this.depth -= this.stack.length;
    return items;
  }

  /** What was taken, with the container below it. */
  private swap(items: PickleValue[]): [PickleValue, PickleValue[]] {
    return [this.top(), items];
  }

  private append(item: PickleValue): void {
    this.extend(this.top(), [item]);
  }

  private weighed<T extends PickleValue>(value: T): T {
    this.bytes += weightOf(value);
    return value;
  }

  private extend(target: PickleValue, items: PickleValue[]): void {
    const list = target instanceof PickleObject ? (target.list ??= this.weighed(new PickleList())) : target;
    this.bytes += items.length * WEIGHT.item;
    if (list instanceof PickleList) for (const item of items) list.items.push(item);
    else damaged(`the pickle appends to what is no list (byte ${this.at})`);
  }

  private setItems(target: PickleValue, items: PickleValue[]): void {
    const dict = target instanceof PickleObject ? (target.dict ??= this.weighed(new PickleDict())) : target;
    this.bytes += (items.length / 2) * WEIGHT.entry;
    if (!(dict instanceof PickleDict) || items.length % 2) damaged(`the pickle sets items of what is no dictionary (byte ${this.at})`);
    else for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
  }

  private remember(slot: number): void {
    if (!Number.isSafeInteger(slot) || slot < 0) damaged(`the pickle has the memo slot ${slot} (byte ${this.at})`);
    if (!this.memo.has(slot)) this.bytes += WEIGHT.memo;
    this.memo.set(slot, this.top());
  }

  private recall(slot: number): void {
    const value = this.memo.get(slot);
    if (value === undefined) damaged(`the pickle recalls what it never stored (byte ${this.at})`);
    this.push(value as PickleValue);
  }

  private text(): string {
    return new TextDecoder().decode(this.r.line(65536));
  }

  private integerLine(): PickleValue {
    const text = this.text().trim();
    if (text === '00') return false;
    if (text === '01') return true;
    return this.parseInteger(text);
  }

  private bigLine(): PickleValue {
    return this.parseInteger(this.text().trim().replace(/L$/, ''));
  }

  private parseInteger(text: string): PickleValue {
    if (!/^[+-]?\d{1,2000}$/.test(text)) damaged(`the pickle has no whole number at byte ${this.at}`);
    const value = Number(text);
    this.bytes += text.length;
    return Number.isSafeInteger(value) ? value : BigInt(text);
  }

  private long(length: number): PickleValue {
    if (length > MAX_INTEGER_BYTES) damaged(`the pickle has a whole number of ${length} bytes at byte ${this.at}`);
    let value = 0n;
    this.bytes += length;
    const bytes = this.r.bytes(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    value = BigInt.asIntN(Math.max(1, length * 8), value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  private bigEndianDouble(): number {
    const bytes = this.r.bytes(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  }

  /** Python 2's str: text or bytes, one character each. */
  private pushOldString(length: number): void {
    if (length > INLINE) return this.pushBytes(length);
    this.pushString(latin1(this.r.bytes(length)));
  }

  private pushText(length: number): void {
    if (length > INLINE) this.pushContainer(new PickleBytes(this.r.source, this.r.skip(length), length, true));
    else this.pushString(this.r.utf8(length));
  }

  private pushBytes(length: number): void {
    this.pushContainer(new PickleBytes(this.r.source, this.r.skip(length), length));
  }

  private pushPersistent(id: PickleValue): void {
    const persistent = new PicklePersistent(id);
    this.persistents.push(persistent);
    this.pushContainer(persistent);
  }

  private pushGlobal(module: string, name: string): void {
    this.push(this.global(module, name));
  }

  private global(module: string, name: string): PickleGlobal {
    const found = new PickleGlobal(module, name);
    const known = this.globals.get(found.path);
    if (known) return known;
    this.bytes += WEIGHT.reference + WEIGHT.entry + 2 * found.path.length;
    this.globals.set(found.path, found);
    return found;
  }
}

/** Bytes that a value takes for itself, with places for what is in it. */
function weightOf(value: PickleValue): number {
  if (value instanceof PickleTuple) return WEIGHT.tuple + WEIGHT.item * value.items.length;
  if (value instanceof PickleList) return WEIGHT.list + WEIGHT.item * value.items.length;
  if (value instanceof PickleDict) return WEIGHT.dict + WEIGHT.entry * value.entries.size;
  return value instanceof PickleObject ? WEIGHT.object : WEIGHT.reference;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
