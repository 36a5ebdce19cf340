// The official Slack client as a judge of the sandbox: if @slack/bolt connects in Socket Mode, gets
// a mention, a slash command and a click, acks them, posts and updates, then the sandbox plays
// Slack well enough. Usage: node bolt_judge.mjs DIR/sandbox.json   (written by the sandbox)
import { readFileSync } from 'node:fs';
import bolt from '@slack/bolt';

const ready = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const seen = {};
const noted = (name) => {
	seen[name] = true;
};

async function control(method, what, body) {
	const answer = await fetch(`${ready.control_url}/control/${what}`, {
		method,
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	const value = await answer.json();
	if (!answer.ok) throw new Error(`control ${what}: ${JSON.stringify(value)}`);
	return value;
}

async function until(what, condition) {
	const end = Date.now() + 20000;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (Date.now() > end) throw new Error(`waited 20 s for: ${what}`);
		await new Promise((done) => setTimeout(done, 50));
	}
}

const app = new bolt.App({
	token: ready.bot_token,
	appToken: ready.app_token,
	socketMode: true,
	clientOptions: { slackApiUrl: ready.slack_url },
	logLevel: bolt.LogLevel.ERROR,
});

const button = (label) => [
	{ type: 'section', text: { type: 'mrkdwn', text: 'An incident', verbatim: true } },
	{
		type: 'actions',
		elements: [
			{
				type: 'button',
				action_id: 'ack',
				value: 'incident:1',
				text: { type: 'plain_text', text: label },
			},
		],
	},
];

app.event('app_mention', async ({ event, client }) => {
	noted('mention');
	const posted = await client.chat.postMessage({
		channel: event.channel,
		thread_ts: event.thread_ts ?? event.ts,
		text: 'An incident',
		blocks: button('Acknowledge'),
		unfurl_links: false,
		unfurl_media: false,
		metadata: { event_type: 'judge', event_payload: { key: 'k1' } },
	});
	const found = await client.conversations.replies({
		channel: event.channel,
		ts: event.ts,
		include_all_metadata: true,
	});
	if (found.messages.some((m) => m.ts === posted.ts && m.metadata?.event_payload?.key === 'k1'))
		noted('metadata read back');
});

app.message('hello there', async () => {
	noted('message');
});

app.command('/tocsin', async ({ ack, respond, command, client }) => {
	await ack();
	noted(`slash ${command.text}`);
	await respond('pong');
	const view = await client.views.open({
		trigger_id: command.trigger_id,
		view: {
			type: 'modal',
			callback_id: 'form',
			title: { type: 'plain_text', text: 'A form' },
			submit: { type: 'plain_text', text: 'Send' },
			blocks: [
				{
					type: 'input',
					block_id: 'b',
					label: { type: 'plain_text', text: 'Why' },
					element: { type: 'plain_text_input', action_id: 'a' },
				},
			],
		},
	});
	if (view.ok) noted('view opened');
});

app.view('form', async ({ ack, view }) => {
	await ack();
	if (view.state.values.b.a.value === 'because') noted('view submitted');
});

app.action('ack', async ({ ack, body, action, client }) => {
	await ack();
	noted(`click ${action.value}`);
	await client.chat.update({
		channel: body.channel.id,
		ts: body.message.ts,
		text: 'Acknowledged',
		blocks: button('Done'),
	});
	await client.reactions.add({
		channel: body.channel.id,
		timestamp: body.message.ts,
		name: 'eyes',
	});
});

// A picture that is uploaded without a channel, and shown once Slack has processed it.
async function picture() {
	const bytes = Buffer.from(
		'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
		'base64',
	);
	await control('POST', 'settings', { file_processing_s: null }); // never
	const uploaded = await app.client.filesUploadV2({ filename: 'dot.png', file: bytes });
	const file = uploaded.files[0].files[0];
	const show = () =>
		app.client.chat
			.postMessage({
				channel: ready.channel,
				text: 'A picture',
				blocks: [{ type: 'image', slack_file: { id: file.id }, alt_text: 'a dot' }],
			})
			.catch((error) => error);
	const early = await show();
	if (
		file.mimetype !== '' ||
		early.data?.response_metadata.messages[0] !==
			'[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]'
	)
		throw new Error(`a picture was shown before it was processed: ${JSON.stringify(early)}`);
	await control('POST', 'settings', { file_processing_s: 0.1 });
	await until('the file is processed', async () => {
		const { file: now } = await app.client.files.info({ file: file.id });
		return now.mimetype === 'image/png' && now.original_w === 1;
	});
	const posted = await show();
	const [shown] = await control('GET', `pictures?channel=${ready.channel}&ts=${posted.ts}`);
	if (shown.alt === 'a dot' && shown.data === bytes.toString('base64')) noted('picture');
}

// A text that streams: as Slack's own helper sends it, then by hand until the sandbox has refused all that Slack does.
async function stream(thread) {
	const { client } = app;
	const place = {
		channel: ready.channel,
		thread_ts: thread,
		recipient_user_id: 'U0ALICE001',
		recipient_team_id: (await client.auth.test()).team_id,
	};
	const refused = async (what, call, expected) => {
		const error = (await call.then(() => ({}), (e) => e)).data?.error;
		if (error !== expected) throw new Error(`${what}: ${error} instead of ${expected}`);
	};
	const helper = client.chatStream(place);
	await helper.append({ markdown_text: '**p99** rose. '.repeat(30) });
	await helper.append({ markdown_text: 'It fell.' });
	const ended = await helper.stop({ blocks: button('Again') });
	const [shown] = (await control('GET', 'messages')).filter((m) => m.ts === ended.ts);
	if (!shown.text.endsWith('rose. It fell.') || shown.blocks.at(-1).type !== 'actions')
		throw new Error(`the helper's text is not shown: ${JSON.stringify(shown)}`);
	const { recipient_user_id: _, ...nobody } = place;
	await refused('nobody', client.chat.startStream(nobody), 'missing_recipient_user_id');
	const { ts } = await client.chat.startStream({ ...place, markdown_text: 'One' });
	const it = { channel: ready.channel, ts };
	await client.chat.appendStream({ ...it, markdown_text: ' two' });
	await refused('update', client.chat.update({ ...it, text: 'x' }), 'streaming_state_conflict');
	await refused(
		'chunks',
		client.chat.appendStream({ ...it, chunks: [{ type: 'markdown_text', text: 'x' }] }),
		'streaming_mode_mismatch',
	);
	await refused(
		'length',
		client.chat.appendStream({ ...it, markdown_text: 'x'.repeat(11994) }),
		'msg_too_long',
	);
	await client.chat.stopStream({ ...it, markdown_text: ' three' });
	const again = client.chat.appendStream({ ...it, markdown_text: 'x' });
	await refused('after the end', again, 'message_not_in_streaming_state');
	await client.chat.update({ ...it, text: 'One two three four', blocks: [] });
	await client.assistant.threads.setStatus({
		channel_id: ready.channel,
		thread_ts: thread,
		status: 'is thinking',
	});
	if (Object.values(await control('GET', 'statuses')).includes('is thinking')) noted('stream');
}

async function refusals() {
	const tooLong = await app.client.chat
		.postMessage({
			channel: ready.channel,
			text: 'x',
			blocks: [{ type: 'header', text: { type: 'plain_text', text: 'h'.repeat(151) } }],
		})
		.catch((error) => error);
	if (
		tooLong.data?.error !== 'invalid_blocks' ||
		!tooLong.data.response_metadata.messages[0].includes('/blocks/0/text')
	)
		throw new Error(`a header of 151 characters was not refused properly: ${tooLong}`);
	noted('refusal');
	const uploaded = await app.client.filesUploadV2({
		channel_id: ready.channel,
		filename: 'a.txt',
		file: Buffer.from('hello'),
		initial_comment: 'a file',
	});
	if (uploaded.ok) noted('upload');
	await picture();
}

async function main() {
	await app.start();
	await until('hello', async () =>
		(await control('GET', 'connections')).some((c) => c.hello && !c.closed),
	);
	await control('POST', 'say', { text: 'hello there' });
	await control('POST', 'say', { text: '@tocsin what is up?' });
	const message = await until('the post', async () =>
		(await control('GET', 'messages')).find((m) => m.bot && m.text === 'An incident'),
	);
	const slash = await control('POST', 'slash', { line: '/tocsin ping' });
	if (slash.state !== 'acked') throw new Error(`slash command: ${slash.state}`);
	const click = await control('POST', 'click', { ts: message.ts, action_id: 'ack' });
	if (click.state !== 'acked') throw new Error(`click: ${click.state}`);
	await until('the update', async () =>
		(await control('GET', 'messages')).some(
			(m) =>
				m.ts === message.ts &&
				m.text === 'Acknowledged' &&
				m.edits === 1 &&
				m.reactions.length === 1,
		),
	);
	const [view] = await until('the view', async () => {
		const views = await control('GET', 'views');
		return views.length ? views : undefined;
	});
	await control('POST', 'submit', { view_id: view.id, values: { b: { a: 'because' } } });
	await refusals();
	await stream(message.ts);
	for (const name of [
		'mention',
		'metadata read back',
		'message',
		'slash ping',
		'view opened',
		'view submitted',
		'click incident:1',
		'refusal',
		'upload',
		'picture',
		'stream',
	])
		await until(name, () => seen[name]);
	if (!(await control('GET', 'ephemerals')).some((e) => e.text === 'pong'))
		throw new Error('the answer through response_url is missing');
	const lost = (await control('GET', 'envelopes')).filter((e) => e.state !== 'acked');
	if (lost.length) throw new Error(`envelopes without ack: ${JSON.stringify(lost)}`);
	await app.stop();
	await until('the close', async () =>
		(await control('GET', 'connections')).every((c) => c.closed),
	);
	console.log(`bolt is content: ${Object.keys(seen).join(', ')}`);
}

main().then(
	() => process.exit(0),
	(error) => {
		console.error(`bolt is not content: ${error.stack}\nseen: ${Object.keys(seen).join(', ')}`);
		process.exit(1);
	},
);
