// The frame of the checks: named tries, each of which fails alone, and the people of the workspace.
import assert from 'node:assert/strict';

export { assert };

const failures = [];
let done = 0;

// attempt runs one try; a try that takes longer than ten seconds has failed.
export async function attempt(name, work) {
  const begin = Date.now();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('took longer than ten seconds')), 10_000);
  });
  try {
    await Promise.race([work(), late]);
    done += 1;
  } catch (error) {
    failures.push(name);
    console.error(`FAILED ${name}\n${error.stack ?? error}\n${error.data ? JSON.stringify(error.data) : ''}`);
  } finally {
    clearTimeout(timer);
    if (process.env.TIMES) console.log(Date.now() - begin, name);
  }
}

// finish prints the result and returns the exit code.
export function finish() {
  console.log(`${done} tries went well, ${failures.length} failed${failures.length ? `: ${failures.join('; ')}` : '.'}`);
  return failures.length || done === 0 ? 1 : 0;
}

export function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see .ci/sdk/run`);
  return value;
}

// people does something through the control interface.
export async function people(deed, input = {}) {
  const answer = await fetch(`${need('PRACTICE_URL')}/practice/control/${deed}`, {
    method: 'POST', headers: { 'X-Practice': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(input),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${deed}: ${body.error}`);
  return body;
}

export async function state(channel = '') {
  const answer = await fetch(`${need('PRACTICE_URL')}/practice/control/state?channel=${encodeURIComponent(channel)}`,
    { headers: { 'X-Practice': '1' } });
  assert.equal(answer.status, 200);
  return answer.json();
}

// refused expects a call to fail with Slack's code and returns the error's data.
export async function refused(code, call) {
  try {
    await call();
  } catch (error) {
    assert.equal(error.data?.error, code);
    return error.data;
  }
  throw new Error(`expected ${code}, but the call went well`);
}

// until waits for something that another process does.
export async function until(what, holds) {
  for (let i = 0; i < 400; i += 1) {
    const value = await holds();
    if (value) return value;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  throw new Error(`${what} did not happen`);
}
