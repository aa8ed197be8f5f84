import assert from 'node:assert/strict';
import type { Bus, Invalidation } from '../bus.ts';
import { until } from '../testing/until.ts';
import type { Check } from './check.ts';

export interface BusSubject {
  /** Two ends of one bus, as two processes have them. */
  readonly ends: readonly [Bus, Bus];
  /** Breaks the connections of both ends; they come back by themselves. */
  interrupt?(): Promise<void>;
  dispose(): Promise<void>;
}

const MESSAGES: readonly Invalidation[] = [
  { sender: 'one', kind: 'delete', keys: ['a', 'b:c', 'ünïcödé 🔑\n', '__proto__'] },
  { sender: 'one', kind: 'tags', stamps: { tag: 'stamp', 'other tag': '' } },
  { sender: 'one', kind: 'clear' },
  { sender: 'two', kind: 'delete', keys: [] },
  { sender: 'two', kind: 'delete', keys: Array.from({ length: 1_000 }, (_, i) => `key ${i}`) },
];

class Ear {
  readonly heard: Invalidation[] = [];
  gaps = 0;
  stop: () => void = () => {};

  async open(bus: Bus): Promise<this> {
    this.stop = await bus.subscribe(
      (message) => this.heard.push(message),
      () => {
        this.gaps += 1;
      },
    );
    return this;
  }

  async hears(count: number): Promise<void> {
    await until(`${count} messages`, () => this.heard.length >= count);
  }

  async learnsOfGap(more = 1): Promise<void> {
    const before = this.gaps;
    await until('a gap', () => this.gaps >= before + more);
  }
}

/** What every {@link Bus} must do. */
export function busConformance(make: () => Promise<BusSubject>): readonly Check[] {
  const checks: Check[] = [];

  function it(name: string, check: (one: Bus, two: Bus, subject: BusSubject) => Promise<void>): void {
    checks.push({
      name,
      check: async () => {
        const subject = await make();
        try {
          await check(...subject.ends, subject);
        } finally {
          await subject.dispose();
        }
      },
    });
  }

  /** Subscribed, and told so. */
  async function listen(bus: Bus): Promise<Ear> {
    const ear = await new Ear().open(bus);
    await until('the first gap', () => ear.gaps > 0);
    return ear;
  }

  it('tells of a gap when a subscription is confirmed', async (one, two) => {
    const ears = [await listen(one), await listen(two)];
    for (const ear of ears) assert.deepEqual(ear.heard, []);
  });

  it('carries every kind of message unchanged and in order', async (one, two) => {
    const ear = await listen(two);
    for (const message of MESSAGES) await one.publish(message);
    await ear.hears(MESSAGES.length);
    assert.deepEqual(ear.heard, MESSAGES);
  });

  it('carries messages that were published at once, without a gap', async (one, two) => {
    const ear = await listen(two);
    const { gaps } = ear;
    await Promise.all(Array.from({ length: 100 }, (_, i) => one.publish(deletion(`${i}`))));
    await ear.hears(100);
    assert.deepEqual(
      ear.heard,
      Array.from({ length: 100 }, (_, i) => deletion(`${i}`)),
    );
    assert.equal(ear.gaps, gaps);
  });

  it('carries messages both ways', async (one, two) => {
    const [first, second] = [await listen(one), await listen(two)];
    await one.publish(deletion('from one'));
    await two.publish(deletion('from two'));
    await until('both', () => has(second, 'from one') && has(first, 'from two'));
  });

  it('gives every subscriber of one end its messages and its first gap', async (one, two) => {
    const [first, second] = [await listen(two), await listen(two)];
    await one.publish(deletion('key'));
    await Promise.all([first.hears(1), second.hears(1)]);
  });

  it('stops calling who has unsubscribed', async (one, two) => {
    const [gone, present] = [await listen(two), await listen(two)];
    gone.stop();
    gone.stop();
    await one.publish(deletion('key'));
    await present.hears(1);
    assert.deepEqual(gone.heard, []);
  });

  it('tells of a gap after a broken connection, and carries messages again', async (one, two, subject) => {
    if (subject.interrupt === undefined) return;
    const ear = await listen(two);
    const gap = ear.learnsOfGap();
    await subject.interrupt();
    await gap;
    await until('a message', async () => {
      await one.publish(deletion('after')).catch(() => {});
      return has(ear, 'after');
    });
  });

  return checks;
}

function deletion(key: string): Invalidation {
  return { sender: 'suite', kind: 'delete', keys: [key] };
}

function has(ear: Ear, key: string): boolean {
  return ear.heard.some((message) => message.kind === 'delete' && message.keys.includes(key));
}
