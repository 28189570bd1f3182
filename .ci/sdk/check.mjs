// Tries the local services with the clients that others write for the real ones. It starts nothing itself: addresses and
// tokens come from the environment, as `watchbell practice -without-bot` prints them.
import { finish } from './try.mjs';

process.env.TRELLO_STRICT_SCHEMAS = 'true'; // read when trello.js is loaded, which is below

// What shares people and sockets runs in turn, the rest beside it.
const lanes = [
  { slack_web: 'slackWeb', slack_bolt: 'slackBolt', slack_socket: 'slackSocket' },
  { trello: 'trello' },
  { github: 'github' },
];
const wanted = process.argv.slice(2);
await Promise.all(lanes.map(async (lane) => {
  for (const [file, run] of Object.entries(lane)) {
    if (wanted.length && !wanted.includes(file)) continue;
    const part = await import(`./${file}.mjs`);
    await part[run]();
  }
}));
process.exit(finish());
