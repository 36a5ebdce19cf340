#include "adapters/sns/message.h"

#include <string.h>
#include <strings.h>

#include "bot/clock.h"
#include "bot/json.h"

#define MAX_ID 128
#define MAX_TOPIC 512
#define MAX_TOKEN 1024
#define MAX_URL 2048

static const char *const type_names[] = {
	[SNS_NOTIFICATION] = "Notification",
	[SNS_SUBSCRIPTION] = "SubscriptionConfirmation",
	[SNS_UNSUBSCRIPTION] = "UnsubscribeConfirmation",
};

const char *sns_type_name(enum sns_type type)
{
	return type_names[type];
}

static bool name_is_exact(void *arg, const char *key, struct json_object *value)
{
	static const char *const known[] = {
		"Type", "MessageId", "Token", "TopicArn", "Subject", "Message", "SubscribeURL", "Timestamp",
		"SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL", "MessageAttributes",
	};
	bool *exact = arg;

	(void)value;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (key[0] == known[i][0] && strcmp(key, known[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(key, known[i]) == 0)
			*exact = false;
	return *exact;
}

/* A string of 1 ... max bytes without NUL, or NULL. */
static const char *plain(struct json_object *json, const char *name, size_t max)
{
	struct json_object *value = json_get(json, name);
	const char *text = json_string(value, "");
	size_t length = json_string_length(value, "");

	return text != NULL && length > 0 && length <= max && strlen(text) == length ? text : NULL;
}

static bool is_visible_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static bool read_type(struct sns_message *m, struct err *err)
{
	const char *type = plain(m->json, "Type", 64);

	for (size_t i = 0; type != NULL && i < sizeof(type_names) / sizeof(type_names[0]); i++) {
		if (strcmp(type, type_names[i]) == 0) {
			m->type = (enum sns_type)i;
			return true;
		}
	}
	return err_set(err, ERR_USAGE, "Type is missing or unknown");
}

static bool is_id(const char *text)
{
	while ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || (*text >= '0' && *text <= '9') ||
	       *text == '.' || *text == '_' || *text == ':' || *text == '-')
		text++;
	return *text == '\0';
}

static bool read_identity(struct sns_message *m, struct err *err)
{
	m->id = plain(m->json, "MessageId", MAX_ID);
	if (m->id == NULL || !is_id(m->id))
		return err_set(err, ERR_USAGE, "MessageId is missing or not an id");
	m->topic = plain(m->json, "TopicArn", MAX_TOPIC);
	if (m->topic == NULL || !is_visible_ascii(m->topic))
		return err_set(err, ERR_USAGE, "TopicArn is missing or not an ARN");
	if (!clock_parse_iso(plain(m->json, "Timestamp", 64), &m->sent_ms))
		return err_set(err, ERR_USAGE, "Timestamp is missing or not a time");
	return true;
}

static bool read_content(struct sns_message *m, struct err *err)
{
	m->text = json_string(m->json, "Message");
	m->text_length = json_string_length(m->json, "Message");
	if (m->text == NULL)
		return err_set(err, ERR_USAGE, "Message is missing");
	m->subject = json_string(m->json, "Subject");
	if (m->type == SNS_NOTIFICATION)
		return true;
	m->token = plain(m->json, "Token", MAX_TOKEN);
	if (m->token == NULL || !is_visible_ascii(m->token))
		return err_set(err, ERR_USAGE, "Token is missing or not a token");
	if (json_string(m->json, "SubscribeURL") == NULL)
		return err_set(err, ERR_USAGE, "SubscribeURL is missing");
	return true;
}

static bool read_signature(struct sns_message *m, struct err *err)
{
	const char *version = plain(m->json, "SignatureVersion", 16);

	if (version == NULL)
		return err_set(err, ERR_USAGE, "SignatureVersion is missing or not a string");
	m->version = strcmp(version, "1") == 0 ? 1 : strcmp(version, "2") == 0 ? 2 : 0;
	m->signature = plain(m->json, "Signature", 2048);
	m->certificate_url = plain(m->json, "SigningCertURL", MAX_URL);
	if (m->signature == NULL || m->certificate_url == NULL)
		return err_set(err, ERR_USAGE, "Signature or SigningCertURL is missing");
	return true;
}

static bool read_members(struct sns_message *m, struct err *err)
{
	bool exact = true;

	if (!json_is_object(m->json))
		return err_set(err, ERR_USAGE, "the body is not a JSON object");
	json_each(m->json, name_is_exact, &exact);
	if (!exact)
		return err_set(err, ERR_USAGE, "the body spells a member's name in another case");
	return read_type(m, err) && read_identity(m, err) && read_content(m, err) &&
	       read_signature(m, err);
}

bool sns_message_parse(struct sns_message *message, const char *body, size_t length,
                       struct err *err)
{
	struct sns_message m = { .json = json_parse_unique(body, length, err) };

	if (m.json == NULL)
		return false;
	if (!read_members(&m, err)) {
		json_free(m.json);
		return false;
	}
	*message = m;
	return true;
}

void sns_message_free(struct sns_message *message)
{
	json_free(message->json);
	*message = (struct sns_message){ 0 };
}

void sns_message_signed_text(const struct sns_message *message,
                             void (*piece)(void *arg, const void *bytes, size_t length), void *arg)
{
	static const char *const notification[] = {
		"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", NULL
	};
	static const char *const confirmation[] = {
		"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type", NULL
	};
	const char *const *name = message->type == SNS_NOTIFICATION ? notification : confirmation;

	for (; *name != NULL; name++) {
		struct json_object *value = json_get(message->json, *name);
		const char *text = json_string(value, "");

		if (text == NULL)
			continue; /* only Subject may be absent; an empty one is present */
		piece(arg, *name, strlen(*name));
		piece(arg, "\n", 1);
		piece(arg, text, json_string_length(value, ""));
		piece(arg, "\n", 1);
	}
}
