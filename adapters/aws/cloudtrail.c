#include "adapters/aws/cloudtrail.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/pages.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define PAGE 50
#define PAGES_MAX 20
#define EVERY_MS 550 /* two a second are allowed */
#define NAME_MAX_BYTES 512
#define RESOURCES_MAX 1024

static const struct aws_service service = { "cloudtrail", "cloudtrail", "cloudtrail", AWS_JSON_1_1,
	                                        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", false };

struct looking {
	int64_t from_ms, until_ms;
	struct cloudtrail_events found, *out;
	struct done done;
};

void cloudtrail_free(struct cloudtrail_events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		free(events->items[i].name);
		free(events->items[i].source);
		free(events->items[i].user);
		free(events->items[i].resources);
		free(events->items[i].error);
	}
	free(events->items);
	*events = (struct cloudtrail_events){ 0 };
}

static char *resources_of(struct json_object *list)
{
	struct str s;

	str_init(&s, RESOURCES_MAX);
	for (size_t i = 0; i < json_count(list); i++) {
		const char *name = json_string(json_at(list, i), "ResourceName");

		if (name != NULL)
			str_addf(&s, "%s%s", s.length > 0 ? ", " : "", name);
	}
	str_utf8_mend(s.text);
	if (s.length > 0)
		return str_take(&s);
	str_free(&s);
	return NULL;
}

/* Stands only in the whole event, which is JSON in a string; few have it, and only those are parsed. */
static char *error_of(struct json_object *event)
{
	const char *whole = json_string(event, "CloudTrailEvent");
	struct json_object *json;
	struct err ignored;
	char *code;

	if (whole == NULL || strstr(whole, "\"errorCode\"") == NULL)
		return NULL;
	json = json_parse(whole, strlen(whole), &ignored);
	code = aws_text(json, "errorCode", NAME_MAX_BYTES);
	json_free(json);
	return code;
}

static bool only_reads(struct json_object *event)
{
	const char *word = json_text(event, "ReadOnly");

	return word != NULL && strcmp(word, "true") == 0;
}

static bool on_page(void *arg, struct json_object *page, struct err *err)
{
	struct looking *l = arg;
	struct json_object *list = json_get(page, "Events");

	if (!json_is_array(list))
		return err_set(err, ERR_RETRY, "CloudTrail's answer has no Events");
	for (size_t i = 0; i < json_count(list); i++) {
		struct json_object *event = json_at(list, i);
		struct cloudtrail_event *item = &l->found.items[l->found.count];
		int64_t at_ms = aws_time_ms(event, "EventTime");

		if (only_reads(event) || at_ms < l->from_ms || at_ms >= l->until_ms)
			continue;
		if (l->found.count == CLOUDTRAIL_MAX)
			return false;
		item->at_ms = at_ms;
		item->name = aws_text(event, "EventName", NAME_MAX_BYTES);
		item->source = aws_text(event, "EventSource", NAME_MAX_BYTES);
		item->user = aws_text(event, "Username", NAME_MAX_BYTES);
		item->resources = resources_of(json_get(event, "Resources"));
		item->error = error_of(event);
		l->found.count++;
	}
	return true;
}

static int newest_first(const void *a, const void *b)
{
	const struct cloudtrail_event *first = a, *second = b;

	return (first->at_ms < second->at_ms) - (first->at_ms > second->at_ms);
}

static void looked(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct looking *l = arg;

	(void)answer;
	if (err == NULL) {
		qsort(l->found.items, l->found.count, sizeof(*l->found.items), newest_first);
		l->found.more = more;
		cloudtrail_free(l->out);
		*l->out = l->found;
		l->found = (struct cloudtrail_events){ 0 };
	}
	cloudtrail_free(&l->found);
	l->done.fn(l->done.arg, err);
	free(l);
}

/* Of the one attribute that may be asked for, the resource is worth more: what only reads is left out here. */
static void put_attribute(struct json_object *body, const char *resource)
{
	struct json_object *list = json_new_array(), *attribute = json_new_object();
	bool given = resource != NULL && *resource != '\0';

	json_put_string(attribute, "AttributeKey", given ? "ResourceName" : "ReadOnly");
	json_put_string(attribute, "AttributeValue", given ? resource : "false");
	json_append(list, attribute);
	json_put(body, "LookupAttributes", list);
}

void cloudtrail_changes(struct aws *aws, const struct aws_target *target, const char *resource, int64_t from_ms,
                        int64_t until_ms, struct cloudtrail_events *events, struct done done)
{
	struct looking *l = mem_alloc(sizeof(*l));
	struct json_object *body = json_new_object();

	l->from_ms = from_ms;
	l->until_ms = until_ms;
	l->found.items = mem_alloc((CLOUDTRAIL_MAX + 1) * sizeof(*l->found.items));
	l->out = events;
	l->done = done;
	put_attribute(body, resource);
	json_put_int(body, "StartTime", from_ms / 1000);
	json_put_int(body, "EndTime", (until_ms + 999) / 1000);
	json_put_int(body, "MaxResults", PAGE);
	aws_pages_read(aws, &(struct aws_pages){
		.service = &service, .operation = "LookupEvents", .target = *target, .body = body,
		.token = "NextToken", .max = PAGES_MAX, .turn_ms = &aws_shared(aws)->cloudtrail_turn_ms,
		.every_ms = EVERY_MS, .page = on_page, .done = looked, .arg = l,
	});
}
