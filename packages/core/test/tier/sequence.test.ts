import { describe, expect, it } from 'vitest';
import { Sequence } from '../../src/tier/sequence.ts';
import { gate } from '../support/world.ts';

describe('Sequence', () => {
  it('runs at once what has nothing before it, and what concerns other keys side by side', async () => {
    const sequence = new Sequence();
    const ran: string[] = [];
    const [a, b] = [gate(), gate()];
    const first = sequence.run(['a'], () => {
      ran.push('a');
      return a.promise;
    });
    const second = sequence.run(['b'], () => {
      ran.push('b');
      return b.promise;
    });
    expect(ran).toEqual(['a', 'b']);
    b.open();
    await second;
    expect([sequence.tail('a') === undefined, sequence.tail('b') === undefined]).toEqual([false, true]);
    a.open();
    await first;
    expect(sequence.tail('a')).toBeUndefined();
  });

  it('runs what shares a key after what came before, in order, and what concerns all after everything', async () => {
    const sequence = new Sequence();
    const ran: string[] = [];
    const gates = [gate(), gate()];
    const step = (name: string, until?: Promise<void>) => async (): Promise<string> => {
      ran.push(name);
      await until;
      return name;
    };
    const all = [
      sequence.run(['a'], step('write a', gates[0]?.promise)),
      sequence.run(['b'], step('write b', gates[1]?.promise)),
      sequence.run(['a', 'b'], step('delete both')),
      sequence.run(['b'], step('write b again')),
      sequence.run('all', step('clear')),
    ];
    expect(ran).toEqual(['write a', 'write b']);
    gates[0]?.open();
    await all[0];
    expect(ran).toHaveLength(2);
    gates[1]?.open();
    expect(await Promise.all(all)).toEqual(['write a', 'write b', 'delete both', 'write b again', 'clear']);
    expect(ran).toEqual(['write a', 'write b', 'delete both', 'write b again', 'clear']);
  });
});
