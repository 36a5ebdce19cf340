#include "adapters/slack/method.h"

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json; charset=utf-8"
#define BYTES "application/octet-stream"

/*
 * Tier 2 is 20 a minute, tier 3 50, tier 4 100; chat.postMessage 300; assistant.threads.setStatus 600; auth.test
 * "hundreds". A file that is uploaded twice is one that nobody sees and one that is shown: no step of an upload can do
 * harm.
 */
static const struct slack_method_facts facts[SLACK_METHODS] = {
	[SLACK_AUTH_TEST] = { "auth.test", FORM, true, true, { 300, 10 } },
	[SLACK_POST] = { "chat.postMessage", JSON, false, true, { 200, 20 } },
	[SLACK_UPDATE] = { "chat.update", JSON, true, true, { 1200, 10 } },
	[SLACK_STREAM_START] = { "chat.startStream", JSON, false, false, { 3000, 5 } },
	[SLACK_STREAM_APPEND] = { "chat.appendStream", JSON, false, false, { 600, 10 } },
	[SLACK_STREAM_STOP] = { "chat.stopStream", JSON, false, false, { 3000, 5 } },
	[SLACK_STATUS] = { "assistant.threads.setStatus", JSON, true, false, { 100, 20 } },
	[SLACK_HISTORY] = { "conversations.history", FORM, true, false, { 1200, 10 } },
	[SLACK_REPLIES] = { "conversations.replies", FORM, true, false, { 1200, 10 } },
	[SLACK_JOIN] = { "conversations.join", JSON, true, false, { 1200, 10 } },
	[SLACK_GROUPS] = { "usergroups.list", FORM, true, false, { 3000, 2 } },
	[SLACK_UPLOAD_URL] = { "files.getUploadURLExternal", FORM, true, false, { 600, 10 } },
	[SLACK_UPLOAD_BYTES] = { "upload_url", BYTES, true, false, { 0, 1 } },
	[SLACK_UPLOAD_COMPLETE] = { "files.completeUploadExternal", JSON, true, false, { 600, 10 } },
	[SLACK_FILE_INFO] = { "files.info", FORM, true, false, { 600, 20 } },
	[SLACK_RESPOND] = { "response_url", JSON, false, false, { 0, 1 } },
	[SLACK_CONNECT] = { "apps.connections.open", FORM, true, true, { 0, 1 } },
};

const struct slack_method_facts *slack_method_facts(enum slack_method method)
{
	return &facts[method];
}

const char *slack_method_name(enum slack_method method)
{
	return facts[method].name;
}
