import { busConformance } from '@kvasir/core/conformance';
import { memoryBus } from '@kvasir/core/testing';
import { describe, expect, test } from 'vitest';

describe('memoryBus', () => {
  for (const { name, check } of busConformance(async () => {
    const bus = memoryBus();
    return {
      ends: [bus, bus],
      async interrupt() {
        bus.cut();
        bus.restore();
      },
      dispose: async () => {},
    };
  })) {
    test(name, check);
  }

  test('loses as many messages as it is told to, silently', async () => {
    const bus = memoryBus();
    const heard: string[] = [];
    let gaps = 0;
    await bus.subscribe(
      (message) => heard.push(message.sender),
      () => {
        gaps += 1;
      },
    );
    bus.lose(2);
    for (const sender of ['a', 'b', 'c']) await bus.publish({ sender, kind: 'clear' });
    expect(heard).toEqual(['c']);
    expect(bus.delivered).toBe(1);
    expect(gaps).toBe(1);
    bus.gap();
    expect(gaps).toBe(2);
  });

  test('rejects what is published while it is cut, and confirms no subscription', async () => {
    const bus = memoryBus();
    bus.cut();
    let gaps = 0;
    await bus.subscribe(
      () => {},
      () => {
        gaps += 1;
      },
    );
    await expect(bus.publish({ sender: 'a', kind: 'clear' })).rejects.toThrow('cut');
    expect(gaps).toBe(0);
    bus.restore();
    expect(gaps).toBe(1);
  });
});
