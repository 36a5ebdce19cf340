// The official client of Bedrock Runtime as a judge of the sandbox's.
// Usage: node bedrock_judge.mjs SANDBOX.json
// Scripts the model by the control API, asks it by Converse and ConverseStream, and compares.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
	BedrockRuntimeClient,
	ConverseCommand,
	ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const ready = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const env = ready.bot_env;
const MODEL = 'us.anthropic.claude-sonnet-4-20250514-v1:0';
const ARN = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${MODEL}`;
const TOOLS = {
	tools: [
		{ toolSpec: { name: 'look', description: 'Looks.', inputSchema: { json: { type: 'object' } } } },
		{ cachePoint: { type: 'default' } },
	],
};

async function control(what, body) {
	const answer = await fetch(`${ready.control_url}/control/${what}`, {
		method: body === undefined ? 'GET' : 'POST',
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	assert.equal(answer.status, 200, await answer.clone().text());
	return answer.json();
}

function client(options = {}) {
	return new BedrockRuntimeClient({
		region: 'us-east-1',
		endpoint: env.AWS_ENDPOINT_URL,
		credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
		maxAttempts: 1,
		requestHandler: new NodeHttpHandler(), // HTTP/1.1; by itself it wants HTTP/2
		...options,
	});
}

const official = client();
const user = (text) => ({ role: 'user', content: [{ text }] });
const input = (options = {}) => ({ modelId: MODEL, messages: [user('why?')], ...options });

async function say(...rules) {
	await control('bedrock', { clear: true });
	for (const rule of rules) await control('bedrock', rule);
}

// Every event, and what the text and the tools' arguments come to.
async function stream(options, by = official) {
	const answer = await by.send(new ConverseStreamCommand(input(options)));
	const seen = { events: [], text: '', inputs: {}, stop: null, usage: null, error: null };
	try {
		for await (const event of answer.stream) {
			seen.events.push(Object.keys(event)[0]);
			const delta = event.contentBlockDelta;
			if (delta?.delta.text !== undefined) seen.text += delta.delta.text;
			if (delta?.delta.toolUse) {
				const index = delta.contentBlockIndex;
				seen.inputs[index] = (seen.inputs[index] ?? '') + delta.delta.toolUse.input;
			}
			if (event.messageStop) seen.stop = event.messageStop.stopReason;
			if (event.metadata) seen.usage = event.metadata.usage;
		}
	} catch (error) {
		seen.error = error;
	}
	return seen;
}

async function refused(name, status, promise) {
	try {
		await promise;
	} catch (error) {
		assert.equal(error.name, name, String(error));
		assert.equal(error.$metadata.httpStatusCode, status);
		return error.message;
	}
	return assert.fail(`${name} was expected`);
}

const cases = {
	async 'text, whole and streamed'() {
		await say({ text: 'Checkout is slow since 09:00.', times: 2, usage: { outputTokens: 7 } });
		const whole = await official.send(new ConverseCommand(input()));
		assert.deepEqual(whole.output.message, {
			role: 'assistant',
			content: [{ text: 'Checkout is slow since 09:00.' }],
		});
		assert.equal(whole.stopReason, 'end_turn');
		assert.equal(whole.usage.outputTokens, 7);
		assert.ok(whole.metrics.latencyMs > 0);
		const seen = await stream();
		assert.equal(seen.text, 'Checkout is slow since 09:00.');
		assert.equal(seen.events[0], 'messageStart');
		assert.deepEqual(seen.events.slice(-2), ['messageStop', 'metadata']);
		assert.equal(seen.usage.outputTokens, 7);
	},
	async 'any split of the bytes'() {
		for (const shred of [1, 7, 100]) {
			await say({ text: 'ünïcödé '.repeat(5), shred, pieces: 3 });
			assert.equal((await stream()).text, 'ünïcödé '.repeat(5));
		}
	},
	async 'models of any kind'() {
		await say({ text: 'yes', times: 0 });
		for (const modelId of [MODEL, ARN, 'amazon.nova-lite-v1:0'])
			assert.equal((await stream({ modelId })).text, 'yes');
		const calls = await control('bedrock_calls');
		assert.equal(calls.at(-2).model, ARN);
	},
	async 'tools, their results, and the rules between them'() {
		const blocks = [{ text: 'Let me see.' }, { tool: 'look', input: { at: 'p99' } }, { tool: 'look' }];
		await say({ blocks, times: 2 }, { text: 'It is {{"p99": (\\d+)}}.', match: 'p99' });
		const seen = await stream({ toolConfig: TOOLS });
		assert.equal(seen.stop, 'tool_use');
		assert.deepEqual(JSON.parse(seen.inputs[1]), { at: 'p99' });
		assert.equal(seen.inputs[2], '');
		const { output } = await official.send(new ConverseCommand(input({ toolConfig: TOOLS })));
		const uses = output.message.content.filter((block) => block.toolUse).map((block) => block.toolUse);
		const results = uses.map((use) => ({
			toolResult: { toolUseId: use.toolUseId, content: [{ json: { p99: 412 } }], status: 'success' },
		}));
		const talk = (content) => [user('why?'), output.message, { role: 'user', content }];
		const last = await stream({ toolConfig: TOOLS, messages: talk(results) });
		assert.equal(last.text, 'It is 412.');
		const ask = (options) => official.send(new ConverseCommand(input(options)));
		const missing = ask({ toolConfig: TOOLS, messages: talk(results.slice(1)) });
		assert.match(await refused('ValidationException', 400, missing), /Expected toolResult blocks/);
		const toolless = ask({ messages: talk(results) });
		assert.match(await refused('ValidationException', 400, toolless), /toolConfig field must be defined/);
	},
	async 'reasoning comes first and goes back unchanged'() {
		await say({ blocks: [{ reasoning: 'Hm.', signature: 'c2ln' }, { redacted: 'aGlk' }, { text: 'So.' }] });
		const { output } = await official.send(new ConverseCommand(input()));
		assert.deepEqual(output.message.content[0].reasoningContent.reasoningText, {
			text: 'Hm.',
			signature: 'c2ln',
		});
		assert.equal(Buffer.from(output.message.content[1].reasoningContent.redactedContent).toString(), 'hid');
		await say({ text: 'Well.' });
		const messages = [user('why?'), output.message, user('sure?')];
		assert.equal((await stream({ messages })).text, 'Well.');
	},
	async 'every reason to stop, and empty content'() {
		const reasons = ['end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'guardrail_intervened'];
		reasons.push('content_filtered', 'malformed_model_output', 'malformed_tool_use');
		for (const stop of [...reasons, 'model_context_window_exceeded']) {
			await say({ stop, times: 2 });
			const seen = await stream();
			assert.deepEqual([seen.stop, seen.text], [stop, '']);
			const whole = await official.send(new ConverseCommand(input()));
			assert.deepEqual([whole.stopReason, whole.output.message.content], [stop, []]);
		}
	},
	async 'prompt caching'() {
		await say({ text: 'x', times: 0 });
		const system = [{ text: 'Be brief. '.repeat(50) + Math.random() }, { cachePoint: { type: 'default' } }];
		const [first, second] = [await stream({ system }), await stream({ system })];
		assert.ok(first.usage.cacheWriteInputTokens > 0 && first.usage.cacheReadInputTokens === 0);
		assert.equal(second.usage.cacheReadInputTokens, first.usage.cacheWriteInputTokens);
	},
	async 'every error before the answer'() {
		const errors = { AccessDeniedException: 403, ResourceNotFoundException: 404, ModelTimeoutException: 408 };
		Object.assign(errors, { ModelErrorException: 424, ThrottlingException: 429, ModelNotReadyException: 429 });
		Object.assign(errors, { InternalServerException: 500, ServiceUnavailableException: 503 });
		for (const [error, status] of Object.entries({ ...errors, ValidationException: 400 })) {
			await say({ error, times: 2, message: 'because' });
			assert.equal(await refused(error, status, stream()), 'because');
			await refused(error, status, official.send(new ConverseCommand(input())));
		}
	},
	async 'every exception in the stream'() {
		const types = ['internalServerException', 'modelStreamErrorException', 'validationException'];
		for (const type of [...types, 'throttlingException', 'serviceUnavailableException']) {
			await say({ text: 'Checkout is slow.', exception: { type, after: 3, message: 'because' } });
			const seen = await stream();
			assert.equal(seen.error?.name, type[0].toUpperCase() + type.slice(1));
			assert.equal(seen.error.message, 'because');
			assert.equal(seen.text, 'Checkout is slow.'.slice(0, 24));
			assert.equal(seen.stop, null);
		}
	},
	async 'damage and cuts'() {
		await say({ text: 'Checkout is slow.', crc: 2 });
		assert.match(String((await stream()).error), /checksum/i);
		await say({ text: 'Checkout is slow.', cut: 2 });
		const seen = await stream();
		assert.ok(seen.error !== null && seen.stop === null);
		await say({ text: 'Checkout is slow.', no_metadata: true });
		const short = await stream();
		assert.deepEqual([short.stop, short.usage], ['end_turn', null]);
	},
	async 'streaming refused, Converse answered'() {
		await say({ text: 'whole', refuse_stream: 'The model is unsupported for streaming.' });
		assert.match(await refused('ValidationException', 400, stream()), /unsupported for streaming/);
		const whole = await official.send(new ConverseCommand(input()));
		assert.equal(whole.output.message.content[0].text, 'whole');
	},
	async 'retries of the client end in an answer'() {
		await say({ error: 'ModelNotReadyException', times: 2 }, { text: 'ready' });
		assert.equal((await stream({}, client({ maxAttempts: 3 }))).text, 'ready');
	},
	async 'a bearer key'() {
		const { key } = await control('bedrock_key', {});
		await say({ text: 'by key', times: 0 });
		const bearer = (token) =>
			client({ credentials: undefined, token: { token }, authSchemePreference: ['httpBearerAuth'] });
		assert.equal((await stream({}, bearer(key))).text, 'by key');
		assert.match(await refused('AccessDeniedException', 403, stream({}, bearer('wrong'))), /API Key/);
	},
	async 'signatures'() {
		const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: 'wrong' };
		await refused('InvalidSignatureException', 403, stream({}, client({ credentials })));
		credentials.accessKeyId = 'AKIAAAAAAAAAAAAAAAAA';
		await refused('UnrecognizedClientException', 403, stream({}, client({ credentials })));
		await control('aws_deny', { action: 'bedrock:InvokeModelWithResponseStream' });
		const text = await refused('AccessDeniedException', 403, stream());
		assert.match(text, /not authorized to perform: bedrock:InvokeModelWithResponseStream/);
		await control('aws_deny', { clear: true });
	},
	async 'requests that Bedrock refuses'() {
		const text = (said) => ({ messages: [user(said)] });
		const wrong = [
			[{ messages: [] }, /start with a user message/],
			[{ messages: [user('a'), user('b')] }, /alternate/],
			[text(' '), /is blank/],
			[{ messages: [{ role: 'user', content: [] }] }, /is empty/],
			[{ inferenceConfig: { temperature: 2 } }, /less than or equal to 1/],
			[{ inferenceConfig: { maxTokens: 0 } }, /greater than or equal to 1/],
			[{ modelId: '?' }, /model identifier is invalid/],
			[{ toolConfig: { tools: [] } }, /1 to None members/],
			[{ toolConfig: { tools: [TOOLS.tools[0], TOOLS.tools[0]] } }, /already defined/],
			[{ guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '0' } }, /pattern/],
		];
		for (const [options, words] of wrong)
			assert.match(await refused('ValidationException', 400, stream(options)), words);
	},
};

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
	try {
		await run();
	} catch (error) {
		failed += 1;
		console.error(`${name}: ${error.stack}`);
	}
}
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
