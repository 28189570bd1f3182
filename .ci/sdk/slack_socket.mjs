// @slack/socket-mode alone: greeting, envelopes, acknowledgements, and every way in which a connection ends.
import socket from '@slack/socket-mode';
import { assert, attempt, need, people, state, until } from './try.mjs';

const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => 'error', setName() {} };

function connect(options = {}) {
  const client = new socket.SocketModeClient({
    appToken: need('SLACK_APP_TOKEN'), logger: quiet, clientOptions: { slackApiUrl: need('SLACK_API_URL'), logger: quiet }, ...options,
  });
  client.got = [];
  client.on('slack_event', (envelope) => client.got.push(envelope));
  return client;
}

const open = async () => (await state('team')).sockets;

// connected runs work with a client that is connected, and waits for the end of its connection afterwards.
async function connected(listen, work, options = {}) {
  const client = connect(options);
  client.starts = 0;
  client.on('connected', () => { client.starts += 1; });
  listen(client);
  try {
    await work(client, await client.start());
  } finally {
    await client.disconnect();
    await until('the end of the connection', async () => (await open()) === 0);
  }
}

const takeMessages = (client) => client.on('message', ({ ack }) => ack());

export async function slackSocket() {
  await people('user', { who: 'ana', name: 'Ana Example', zone: 'Europe/Berlin' });
  await attempt('socket: greeting, envelopes, answers', () => connected((client) => {
    client.on('slash_commands', ({ ack, body }) => ack({ text: `heard ${body.text}` }));
    takeMessages(client);
  }, async (client, hello) => {
    assert.match(hello.url, /^ws:/);
    assert.equal(await open(), 1);
    const answer = await people('command', { who: 'ana', channel: 'team', text: '/incident show' });
    assert.equal(answer.text, 'heard show');
    await people('say', { who: 'ana', channel: 'team', text: 'over the wire' });
    await people('delivered');
    const [command, event] = client.got;
    assert.deepEqual([command.type, command.accepts_response_payload], ['slash_commands', true]);
    assert.deepEqual([event.type, event.accepts_response_payload, event.retry_num, event.retry_reason], ['events_api', false, 0, '']);
    assert.match(event.envelope_id, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  }));
  for (const reason of ['warning', 'refresh_requested', 'cut']) {
    await attempt(`socket: a new connection after ${reason}`, () => connected(takeMessages, async (client) => {
      await people('disconnect', { reason });
      await until('a second connection', async () => client.starts >= 2 && (await open()) === 1);
      await people('say', { who: 'ana', channel: 'team', text: `after ${reason}` });
      await people('delivered');
      assert.ok(client.got.some((e) => e.body.event.text === `after ${reason}`));
    }, { clientPingTimeout: 500 })); // after which a client connects again
  }
  await attempt('socket: pings keep a quiet connection', () => connected(takeMessages, async (client) => {
    await new Promise((resolve) => { setTimeout(resolve, 6000); });
    assert.equal(client.starts, 1);
  }, { clientPingTimeout: 5500 }));
  await attempt('socket: an event that is not acknowledged comes again', () => {
    let seen = 0;
    return connected((client) => {
      client.on('message', async ({ ack }) => { seen += 1; if (seen > 1) await ack(); });
    }, async (client) => {
      await people('say', { who: 'ana', channel: 'team', text: 'heard twice' });
      await until('a second delivery', () => seen === 2);
      await people('delivered');
      const [first, second] = client.got;
      assert.equal(first.body.event_id, second.body.event_id);
      assert.deepEqual([second.retry_num, second.retry_reason], [1, 'timeout']);
    });
  });
  await attempt('socket: a token that is none', async () => {
    await assert.rejects(connect({ appToken: 'xapp-1-none' }).start(), (error) => error.data?.error === 'invalid_auth');
  });
}
