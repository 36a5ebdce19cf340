/* notice_raw.c - unknown JSON shown to people: readable, bounded, without what must stay secret. */
#include <string.h>
#include <strings.h>

#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/notice.h"
#include "bot/str.h"

#define MAX_SECRETS 32
#define MAX_DEPTH 40       /* of what is opened; json_parse itself stops at 64 */
#define MIN_SECRET 6       /* shorter values would hide ordinary words */
#define LEFT_OUT "(left out: secret)"

struct redaction {
	char *secrets[MAX_SECRETS]; /* values that must not show up elsewhere either */
	size_t count;
	struct json_object *into; /* the copy being filled */
	int depth;
};

bool notice_name_is_secret(const char *name)
{
	static const char *const words[] = {
		"token", "password", "passwd", "passphrase", "secret", "credential", "authorization",
		"apikey", "api_key", "api-key", "privatekey", "private_key", "private-key", "accesskey",
		"access_key", "access-key", "cookie", "unsubscribeurl", "subscribeurl", "signature",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(name, words[i]) != NULL)
			return true;
	return false;
}

static struct json_object *copy(struct redaction *r, struct json_object *from);

static bool find_secret(void *arg, const char *key, struct json_object *value)
{
	struct redaction *r = arg;
	const char *text = json_string(value, "");

	if (notice_name_is_secret(key)) {
		if (text != NULL && strlen(text) >= MIN_SECRET && r->count < MAX_SECRETS)
			r->secrets[r->count++] = mem_copy_string(text);
		return true;
	}
	json_each(value, find_secret, r);
	for (size_t i = 0; json_is_array(value) && i < json_count(value); i++)
		(void)find_secret(r, "", json_at(value, i));
	return true;
}

static bool copy_member(void *arg, const char *key, struct json_object *value)
{
	struct redaction *r = arg;
	struct json_object *into = r->into;

	if (notice_name_is_secret(key))
		json_put_string(into, key, LEFT_OUT);
	else
		json_put(into, key, copy(r, value));
	r->into = into;
	return true;
}

/* A text that repeats a secret goes; one that is JSON itself is opened. */
static struct json_object *copy_string(struct redaction *r, struct json_object *from)
{
	const char *text = json_string(from, "");
	struct json_object *inner, *out;
	struct err ignored;

	for (size_t i = 0; i < r->count; i++)
		if (strstr(text, r->secrets[i]) != NULL)
			return json_new_string(LEFT_OUT);
	if (text[0] != '{' && text[0] != '[')
		return json_keep(from);
	inner = json_parse(text, strlen(text), &ignored);
	if (inner == NULL)
		return json_keep(from);
	(void)find_secret(r, "", inner);
	out = copy(r, inner);
	json_free(inner);
	return out;
}

static struct json_object *copy(struct redaction *r, struct json_object *from)
{
	struct json_object *out;

	if (r->depth >= MAX_DEPTH)
		return json_new_string("(too deep)");
	r->depth++;
	if (json_is_object(from)) {
		r->into = out = json_new_object();
		json_each(from, copy_member, r);
	} else if (json_is_array(from)) {
		out = json_new_array();
		for (size_t i = 0; i < json_count(from); i++)
			json_append(out, copy(r, json_at(from, i)));
	} else if (json_is_string(from)) {
		out = copy_string(r, from);
	} else {
		out = json_keep(from);
	}
	r->depth--;
	return out;
}

struct json_object *notice_redact(struct json_object *json)
{
	struct redaction r = { 0 };
	struct json_object *safe;

	(void)find_secret(&r, "", json);
	safe = copy(&r, json);
	for (size_t i = 0; i < r.count; i++)
		free(r.secrets[i]);
	return safe;
}

char *notice_raw(struct json_object *json)
{
	struct json_object *safe = notice_redact(json);
	char *text = event_text(json_print_pretty(safe), NOTICE_TEXT_MAX);

	json_free(safe);
	return text;
}
