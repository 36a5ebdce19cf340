#include "adapters/aws/metric_list.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/pages.h"
#include "bot/json.h"
#include "bot/mem.h"

#define PAGES_MAX 20
#define NAME_MAX_BYTES 1024
#define DIMENSIONS_MAX 30 /* that a metric can have */

static const struct aws_service service = { "monitoring", "monitoring", "cloudwatch", AWS_JSON_1_0,
	                                        "GraniteServiceVersion20100801", true };

struct listing {
	struct metric_list found, *out;
	struct done done;
};

void metric_list_free(struct metric_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].namespace_);
		free(list->items[i].metric);
		json_free(list->items[i].dimensions);
	}
	free(list->items);
	*list = (struct metric_list){ 0 };
}

static struct json_object *dimensions_of(struct json_object *list)
{
	struct json_object *dimensions = json_new_object();

	for (size_t i = 0; i < json_count(list) && i < DIMENSIONS_MAX; i++) {
		char *name = aws_text(json_at(list, i), "Name", NAME_MAX_BYTES);
		char *value = aws_text(json_at(list, i), "Value", NAME_MAX_BYTES);

		if (name != NULL)
			json_put_string(dimensions, name, value);
		free(name);
		free(value);
	}
	return dimensions;
}

static bool on_page(void *arg, struct json_object *page, struct err *err)
{
	struct listing *l = arg;
	struct json_object *list = json_get(page, "Metrics");

	if (!json_is_array(list))
		return err_set(err, ERR_RETRY, "CloudWatch's answer has no Metrics");
	for (size_t i = 0; i < json_count(list); i++) {
		struct json_object *metric = json_at(list, i);
		struct metric_list_item *item = &l->found.items[l->found.count];

		if (json_string(metric, "Namespace") == NULL || json_string(metric, "MetricName") == NULL)
			continue;
		if (l->found.count == METRIC_LIST_MAX)
			return false;
		item->namespace_ = aws_text(metric, "Namespace", NAME_MAX_BYTES);
		item->metric = aws_text(metric, "MetricName", NAME_MAX_BYTES);
		item->dimensions = dimensions_of(json_get(metric, "Dimensions"));
		l->found.count++;
	}
	return true;
}

static void listed(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct listing *l = arg;

	(void)answer;
	if (err == NULL) {
		l->found.more = more;
		metric_list_free(l->out);
		*l->out = l->found;
		l->found = (struct metric_list){ 0 };
	}
	metric_list_free(&l->found);
	l->done.fn(l->done.arg, err);
	free(l);
}

static const char *or_null(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

static void put_dimension(struct json_object *body, const char *name, const char *value)
{
	struct json_object *list, *dimension;

	if (or_null(name) == NULL)
		return;
	list = json_new_array();
	dimension = json_new_object();
	json_put_string(dimension, "Name", name);
	json_put_string(dimension, "Value", or_null(value));
	json_append(list, dimension);
	json_put(body, "Dimensions", list);
}

void metric_list_read(struct aws *aws, const struct aws_target *target, const char *namespace_, const char *metric,
                      const char *dimension, const char *value, bool recent, struct metric_list *list,
                      struct done done)
{
	struct listing *l = mem_alloc(sizeof(*l));
	struct json_object *body = json_new_object();

	l->found.items = mem_alloc((METRIC_LIST_MAX + 1) * sizeof(*l->found.items));
	l->out = list;
	l->done = done;
	json_put_string(body, "Namespace", or_null(namespace_));
	json_put_string(body, "MetricName", or_null(metric));
	put_dimension(body, dimension, value);
	json_put_string(body, "RecentlyActive", recent ? "PT3H" : NULL);
	aws_pages_read(aws, &(struct aws_pages){
		.service = &service, .operation = "ListMetrics", .target = *target, .body = body, .token = "NextToken",
		.max = PAGES_MAX, .page = on_page, .done = listed, .arg = l,
	});
}
