import { expect, it } from "vitest";
import { stack, ticks } from "../../src/overview/stack.ts";

it("stacks", () => {
  expect(
    stack([
      [1, 2],
      [3, 4],
      [0, 1],
    ]),
  ).toEqual([
    [1, 2],
    [4, 6],
    [4, 7],
  ]);
});

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [45, [0, 20, 40, 60]],
  [239, [0, 100, 200, 300]],
])("marks an axis up to %d", (max, marks) => {
  expect(ticks(max)).toEqual(marks);
});

it("marks bytes in whole units", () => {
  const MB = 1024 ** 2;
  expect(ticks(2.6 * 1024 * MB, 4, true)).toEqual([0, 1, 2, 3].map((n) => n * 1024 * MB));
  expect(ticks(170 * MB, 4, true)).toEqual([0, 50, 100, 150, 200].map((n) => n * MB));
});
