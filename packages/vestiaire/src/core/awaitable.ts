// Goes on with an answer that may be there already. A promise costs turns of the event loop; whoever asks a store that
// answers at once should not pay for them.

import type { Awaitable } from "./store.ts";

/** What `next` makes of the answer; at once where both are. */
export function andThen<T, U>(answer: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}

/** Calls, and shows how it went, the answer or what was thrown, before anyone else sees it. */
export function settle<T>(
  call: () => Awaitable<T>,
  onAnswer: (answer: T) => void,
  onError: (error: unknown) => void,
): Awaitable<T> {
  const answered = (answer: T) => {
    onAnswer(answer);
    return answer;
  };
  const failed = (error: unknown): never => {
    onError(error);
    throw error;
  };
  let answer: Awaitable<T>;
  try {
    answer = call();
  } catch (error) {
    return failed(error);
  }
  return answer instanceof Promise ? answer.then(answered, failed) : answered(answer);
}
