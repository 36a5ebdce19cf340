// A peer of the bench: the smallest @slack/bolt app in Socket Mode. It acks a slash command and answers it.
// It stores nothing: a command that it has acked dies with it.
// Usage: node echo.mjs API-URL      prints {"started": true}
import bolt from '@slack/bolt';

const app = new bolt.App({
	token: 'xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx', appToken: 'xapp-1-A0BENCH0001-1234567890123-0',
	socketMode: true, clientOptions: { slackApiUrl: process.argv[2] }, logLevel: bolt.LogLevel.ERROR });

app.command('/tocsin', async ({ ack, respond }) => {
	await ack();
	await respond('pong');
});
await app.start();
console.log(JSON.stringify({ started: true }));
