/* method.h - the methods of Slack's Web API that are used, and what is known of each. */
#ifndef ADAPTERS_SLACK_METHOD_H
#define ADAPTERS_SLACK_METHOD_H

#include <stdbool.h>

#include "adapters/slack/rate.h"

enum slack_method {
	SLACK_AUTH_TEST,
	SLACK_POST,
	SLACK_UPDATE,
	SLACK_STREAM_START,
	SLACK_STREAM_APPEND,
	SLACK_STREAM_STOP,
	SLACK_STATUS,
	SLACK_HISTORY,
	SLACK_REPLIES,
	SLACK_JOIN,
	SLACK_GROUPS,
	SLACK_UPLOAD_URL,      /* the three steps of an upload: where to send the bytes, ... */
	SLACK_UPLOAD_BYTES,    /* ... the bytes (to that address: no method of the Web API), ... */
	SLACK_UPLOAD_COMPLETE, /* ... and that they are all there */
	SLACK_FILE_INFO,
	SLACK_RESPOND, /* a response_url: no method of the Web API, but it answers alike */
	SLACK_CONNECT, /* apps.connections.open, with the app-level token */
	SLACK_METHODS,
};

struct slack_method_facts {
	const char *name;    /* "chat.postMessage" */
	const char *type;    /* of the request's body; what only reads takes a form, and no JSON */
	bool idempotent;     /* repeating it does no harm */
	bool vital;          /* without the scope for it the bot is of no use */
	struct rate rate;    /* of the whole workspace */
};

const struct slack_method_facts *slack_method_facts(enum slack_method method);
const char *slack_method_name(enum slack_method method);

#endif
