// The hello world of @slack/bolt: everything is acknowledged, nothing is done.
const { App, LogLevel } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
  logLevel: LogLevel.ERROR,
});

app.command('/incident', async ({ ack }) => { await ack(); });
app.message(async () => {});
app.event('app_mention', async () => {});
app.event('reaction_added', async () => {});

app.start({ host: '127.0.0.1', port: Number(process.env.PORT) });
